import type { ProviderRecord } from '../provider-record.ts';
import { plainProvider } from './plain-provider.ts';

/** Servers on the worker's own machine unless `api_base` says otherwise, at the port they have when nobody chose one. No key needed. */
export const PLAIN_LOCAL_SERVERS: readonly ProviderRecord[] = [
  localServer(
    'docker_model_runner',
    'Docker Model Runner',
    '12434/engines/v1',
    'DOCKER_MODEL_RUNNER',
    'https://docs.docker.com/ai/model-runner/',
  ),
  localServer('lemonade', 'Lemonade server', '8000/api/v1', 'LEMONADE', 'https://lemonade-server.ai/docs/'),
  localServer('llama-cpp', 'llama.cpp server', '8080/v1', 'LLAMA_CPP', 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server'),
  { ...localServer('llamafile', 'llamafile', '8080/v1', 'LLAMAFILE', 'https://github.com/mozilla-ai/llamafile'), hostConfidence: 'source' },
  {
    ...localServer('lm_studio', 'LM Studio', '1234/v1', 'LM_STUDIO', 'https://lmstudio.ai/docs/app/api/endpoints/openai'),
    aliases: ['lmstudio'],
    hostConfidence: 'source',
  },
  localServer('oobabooga', 'Text generation web UI', '5000/v1', 'OOBABOOGA', 'https://github.com/oobabooga/text-generation-webui'),
  // its own proxy, which encrypts and runs beside the worker
  {
    ...localServer('privatemode-ai', 'Privatemode AI', '8080/v1', 'PRIVATEMODE', 'https://docs.privatemode.ai/api/overview'),
    hostConfidence: 'source',
  },
  localServer('sglang', 'SGLang server', '30000/v1', 'SGLANG', 'https://docs.sglang.ai'),
  localServer('xinference', 'Xinference', '9997/v1', 'XINFERENCE', 'https://inference.readthedocs.io'),
];

function localServer(id: string, name: string, portAndPath: string, variables: string, docsUrl: string): ProviderRecord {
  const plain = plainProvider(id, name, `http://127.0.0.1:${portAndPath}`, `${variables}_API_KEY`, docsUrl);
  return {
    ...plain,
    operations: ['openai-embeddings'],
    keyOptional: true,
    envBase: [`${variables}_API_BASE`],
    quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
    hostConfidence: 'memory',
  };
}
