/**
 * The tool whose forced call stands for an answer of a given JSON schema. A call of it is text to the client; the name is one that no
 * client's own tool has.
 */
export const ANSWER_TOOL = 'headrace_json_answer';

export const ANSWER_TOOL_DESCRIPTION = 'Gives the answer to the user. Call it once, with the whole answer.';
