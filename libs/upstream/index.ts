export * from './fetch-public-text.ts';
export * from './media/fetch-media.ts';
export * from './post-public.ts';
export { isConnectFailure } from './upstream-error.ts';
export * from './upstream.ts';
