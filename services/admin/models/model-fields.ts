import { z } from 'zod';

const MAX_NAME_CHARS = 256;
/** An id is part of a header, a queue's name and a log line. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;

const name = z.string().trim().min(1, 'must not be empty').max(MAX_NAME_CHARS, `must have ${MAX_NAME_CHARS} characters at most`);
const id = z.string().regex(ID, 'take letters, digits and . _ : / @ -, 128 at most');

/** What a model is made of stands in `libs/config`: an entry of `model_list`. Here is only its frame. */
const params = z
  .record(z.string(), z.unknown())
  .describe('As in model_list of config.yaml: model, api_key, api_base, rpm, tpm, weight, input_cost_per_token …');
const info = z
  .object({ id: id.nullish(), team_id: name.nullish(), team_public_model_name: name.nullish() })
  .loose()
  .describe('id, team_id, mode, base_model, access_groups, tier and whatever else describes the model');

export const newModelSchema = z.object({ model_name: name, litellm_params: params, model_info: info.nullish() });

/** Fields that are not there stay as they are; null takes a parameter out. */
export const changedModelSchema = z.object({
  model_name: name.nullish(),
  litellm_params: params.nullish(),
  model_info: info.nullish(),
  /** LiteLLM's older way to name the model. */
  id: id.nullish(),
});

export const modelIdSchema = z.object({ id });

export const modelOrIdSchema = z.object({ id: id.nullish(), model_id: id.nullish() });

export const EXAMPLE_MODEL = {
  model_name: 'agent-planner',
  litellm_params: { model: 'sandbox/echo', api_key: 'os.environ/PLANNER_KEY', rpm: 100 },
  model_info: { id: 'planner-1', access_groups: ['agents'] },
};
