export * from './estimate-usage.ts';
