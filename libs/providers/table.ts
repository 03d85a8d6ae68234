import { ai21 } from './ai21.ts';
import { aihubmix } from './aihubmix.ts';
import { aiml } from './aiml.ts';
import { alibabaCn } from './alibaba-cn.ts';
import { anthropic } from './anthropic.ts';
import { apertis } from './apertis.ts';
import { azure } from './azure.ts';
import { azureAi } from './azure-ai.ts';
import { baseten } from './baseten.ts';
import { bedrock } from './bedrock.ts';
import { byteplus } from './byteplus.ts';
import { cerebras } from './cerebras.ts';
import { chutes } from './chutes.ts';
import { cloudflare } from './cloudflare.ts';
import { cloudflareAiGateway } from './cloudflare-ai-gateway.ts';
import { codestral } from './codestral.ts';
import { cohere } from './cohere.ts';
import { crusoe } from './crusoe.ts';
import { customOpenai } from './custom-openai.ts';
import { dashscope } from './dashscope.ts';
import { databricks } from './databricks.ts';
import { datarobot } from './datarobot.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { featherlessAi } from './featherless-ai.ts';
import { fireworksAi } from './fireworks-ai.ts';
import { friendliai } from './friendliai.ts';
import { gemini } from './gemini.ts';
import { github } from './github.ts';
import { groq } from './groq.ts';
import { heroku } from './heroku.ts';
import { hostedVllm } from './hosted-vllm.ts';
import { huggingface } from './huggingface.ts';
import { infinity } from './infinity.ts';
import { jinaAi } from './jina-ai.ts';
import { litellmProxy } from './litellm-proxy.ts';
import { maritalk } from './maritalk.ts';
import { metaLlama } from './meta-llama.ts';
import { minimax } from './minimax.ts';
import { minimaxCn } from './minimax-cn.ts';
import { mistral } from './mistral.ts';
import { modal } from './modal.ts';
import { moonshot } from './moonshot.ts';
import { moonshotaiCn } from './moonshotai-cn.ts';
import { nebius } from './nebius.ts';
import { neon } from './neon.ts';
import { novita } from './novita.ts';
import { nvidiaNim } from './nvidia-nim.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openaiLike } from './openai-like.ts';
import { opencode } from './opencode.ts';
import { openrouter } from './openrouter.ts';
import { ovhcloud } from './ovhcloud.ts';
import { perplexity } from './perplexity.ts';
import { perplexityAgent } from './perplexity-agent.ts';
import { portkey } from './portkey.ts';
import { predibase } from './predibase.ts';
import { publicai } from './publicai.ts';
import { recraft } from './recraft.ts';
import { rekaAi } from './reka-ai.ts';
import { replicate } from './replicate.ts';
import { sagemakerChat } from './sagemaker-chat.ts';
import { sambanova } from './sambanova.ts';
import { sandbox } from './sandbox.ts';
import { sarvam } from './sarvam.ts';
import { siliconflow } from './siliconflow.ts';
import { siliconflowCn } from './siliconflow-cn.ts';
import { snowflake } from './snowflake.ts';
import { togetherAi } from './together-ai.ts';
import { vercelAiGateway } from './vercel-ai-gateway.ts';
import { vertexAi } from './vertex-ai.ts';
import { vivgrid } from './vivgrid.ts';
import { volcengine } from './volcengine.ts';
import { voyage } from './voyage.ts';
import { watsonx } from './watsonx.ts';
import { xai } from './xai.ts';
import { xiaomiMimo } from './xiaomi-mimo.ts';
import { zai } from './zai.ts';
import { zhipuai } from './zhipuai.ts';
import { PLAIN_GATEWAYS } from './plain/gateways.ts';
import { PLAIN_LOCAL_SERVERS } from './plain/local-servers.ts';
import { PLAIN_MODEL_HOSTS } from './plain/model-hosts.ts';
import type { ProviderRecord } from './provider-record.ts';

/**
 * Every provider: one data file each, by file name, then those that are a row in a list. To add one: `npm run new:provider`, or a file
 * beside this and two lines here.
 */
export const PROVIDERS: readonly ProviderRecord[] = [
  ai21,
  aihubmix,
  aiml,
  alibabaCn,
  anthropic,
  apertis,
  azure,
  azureAi,
  baseten,
  bedrock,
  byteplus,
  cerebras,
  chutes,
  cloudflare,
  cloudflareAiGateway,
  codestral,
  cohere,
  crusoe,
  customOpenai,
  dashscope,
  databricks,
  datarobot,
  deepinfra,
  deepseek,
  featherlessAi,
  fireworksAi,
  friendliai,
  gemini,
  github,
  groq,
  heroku,
  hostedVllm,
  huggingface,
  infinity,
  jinaAi,
  litellmProxy,
  maritalk,
  metaLlama,
  minimax,
  minimaxCn,
  mistral,
  modal,
  moonshot,
  moonshotaiCn,
  nebius,
  neon,
  novita,
  nvidiaNim,
  ollama,
  openai,
  openaiLike,
  opencode,
  openrouter,
  ovhcloud,
  perplexity,
  perplexityAgent,
  portkey,
  predibase,
  publicai,
  recraft,
  rekaAi,
  replicate,
  sagemakerChat,
  sambanova,
  sandbox,
  sarvam,
  siliconflow,
  siliconflowCn,
  snowflake,
  togetherAi,
  vercelAiGateway,
  vertexAi,
  vivgrid,
  volcengine,
  voyage,
  watsonx,
  xai,
  xiaomiMimo,
  zai,
  zhipuai,
  ...PLAIN_GATEWAYS,
  ...PLAIN_LOCAL_SERVERS,
  ...PLAIN_MODEL_HOSTS,
];

const BY_NAME: ReadonlyMap<string, ProviderRecord> = new Map(
  PROVIDERS.flatMap((provider) => [provider.id, ...(provider.aliases ?? [])].map((name) => [name, provider])),
);

/** By id or alias. */
export function findProvider(name: string): ProviderRecord | undefined {
  return BY_NAME.get(name);
}
