/** The dialect's end marker. */
export const DONE_EVENT = 'data: [DONE]\n\n';
