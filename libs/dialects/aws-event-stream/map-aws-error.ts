import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { parseRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/**
 * Exceptions of Bedrock and SageMaker, in streams the same names with a small first letter
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors), and
 * those of AWS's front door (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html).
 */
const LABELS: ErrorLabels = {
  throttlingexception: 'upstream_rate_limited',
  toomanyrequestsexception: 'upstream_rate_limited',
  requestlimitexceeded: 'upstream_rate_limited',
  servicequotaexceededexception: 'upstream_quota',
  modelnotreadyexception: 'upstream_overloaded',
  serviceunavailableexception: 'upstream_overloaded',
  serviceunavailable: 'upstream_overloaded',
  overloadedexception: 'upstream_overloaded',
  modeltimeoutexception: 'upstream_timeout',
  modelinvocationtimeexceeded: 'upstream_timeout',
  requesttimeout: 'upstream_timeout',
  accessdeniedexception: 'upstream_auth',
  accessdenied: 'upstream_auth',
  notauthorized: 'upstream_auth',
  expiredtokenexception: 'upstream_auth',
  expiredtoken: 'upstream_auth',
  unrecognizedclientexception: 'upstream_auth',
  invalidsignatureexception: 'upstream_auth',
  signaturedoesnotmatch: 'upstream_auth',
  incompletesignature: 'upstream_auth',
  incompletesignatureexception: 'upstream_auth',
  missingauthenticationtoken: 'upstream_auth',
  missingauthenticationtokenexception: 'upstream_auth',
  invalidclienttokenid: 'upstream_auth',
  optinrequired: 'upstream_auth',
  resourcenotfoundexception: 'upstream_not_found',
  unknownoperationexception: 'upstream_not_found',
  internalserverexception: 'upstream_error',
  internalfailure: 'upstream_error',
  internalstreamfailure: 'upstream_error',
  internaldependencyexception: 'upstream_error',
  modelerrorexception: 'upstream_error',
  modelstreamerrorexception: 'upstream_error',
  modelstreamerror: 'upstream_error',
  modelerror: 'upstream_error',
  streambroken: 'upstream_truncated',
  validationexception: 'upstream_bad_request',
  validationerror: 'upstream_bad_request',
  // our own words for what the type alone does not say
  daily_quota: 'upstream_quota',
  no_such_model: 'upstream_not_found',
};

const DAILY_QUOTA = /too many tokens per day|daily (?:token )?(?:quota|limit)/i;
/** A deployment that can't work as it is configured, told as a fault of the request. */
const NO_SUCH_MODEL =
  /model identifier is invalid|on-demand throughput isn.t supported|(?:endpoint|inference component) .{0,120}not found|end of its life/i;

/**
 * The `mapError` of a dialect on AWS, `inner` being the error words of the format inside. The exception's name is in the header `x-amzn-errortype` (`ThrottlingException:http://…`), in `__type`, or in a stream
 * the event's `type`; the message in `message` or `Message`. Never throws.
 */
export function createAwsErrorMapper(inner: ErrorLabels = {}): (answer: UpstreamAnswer) => GatewayError {
  const labels: ErrorLabels = { ...inner, ...LABELS };
  return (answer) => {
    const body = parseRecord(textOf(answer.body));
    const type = exceptionName(answer, body);
    const message = body === undefined ? undefined : (stringAt(body, 'message') ?? stringAt(body, 'Message'));
    // an error of the format inside has its words in an object of their own
    if (recordAt(body, 'error') !== undefined || (type === undefined && message === undefined)) return buildUpstreamError(answer, labels);
    const error = { type: labelOf(type, message), message };
    return buildUpstreamError({ ...answer, status: answer.status ?? statusOf(body), body: Buffer.from(JSON.stringify({ error })) }, labels);
  };
}

/** The name alone, without namespace before and address behind. */
function exceptionName(answer: UpstreamAnswer, body: JsonRecord | undefined): string | undefined {
  const text =
    answer.headers['x-amzn-errortype'] ??
    (body === undefined ? undefined : (stringAt(body, '__type') ?? stringAt(body, 'type') ?? stringAt(body, 'ErrorCode')));
  return text === undefined ? undefined : (text.split(':')[0] ?? text).split('#').at(-1);
}

function labelOf(type: string | undefined, message: string | undefined): string | undefined {
  if (message !== undefined && DAILY_QUOTA.test(message)) return 'daily_quota';
  if (message !== undefined && NO_SUCH_MODEL.test(message)) return 'no_such_model';
  return type;
}

/** Errors of the model behind Bedrock carry the status it answered with. */
function statusOf(body: JsonRecord | undefined): number | undefined {
  const status = body?.['originalStatusCode'];
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : undefined;
}
