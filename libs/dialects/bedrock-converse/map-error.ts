import { createAwsErrorMapper } from '../aws-event-stream/map-aws-error.ts';

export const mapError = createAwsErrorMapper();
