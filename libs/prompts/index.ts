export { AnswerBeginning } from './answer-beginning.ts';
export * from './build-prompt.ts';
export * from './prompt-keeper.ts';
export { requestFields } from './request-fields.ts';
