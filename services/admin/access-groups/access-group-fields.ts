import { z } from 'zod';
import { name } from '../scopes/field-schemas.ts';

const MOST = 1_000;
const list = z.array(name).max(MOST).nullish();
const members = {
  model_names: list.describe('Every stored deployment of these models'),
  model_ids: list.describe('Single deployments, instead of model_names'),
};

export const newAccessGroupSchema = z.object({ access_group: name, ...members });
export const changedAccessGroupSchema = z.object(members);
