export * from './fetch-public-text.ts';
export * from './media/fetch-media.ts';
export * from './upstream.ts';
