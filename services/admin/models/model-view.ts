import type { StoredModel } from '#db';
import { shownParams } from './seal-model.ts';

/** LiteLLM's shape of a stored model, without its secrets. */
export function modelView(model: StoredModel) {
  const { id, modelName, litellmParams, modelInfo, teamId, blocked, createdAt, createdBy, updatedAt, updatedBy } = model;
  return {
    model_id: id,
    model_name: modelName,
    litellm_params: shownParams(litellmParams),
    model_info: { ...modelInfo, id, db_model: true, ...(teamId === null ? {} : { team_id: teamId }), blocked },
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    updated_at: updatedAt.toISOString(),
    updated_by: updatedBy,
  };
}
