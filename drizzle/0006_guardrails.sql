ALTER TABLE "attempts" ADD COLUMN "cache_key" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "saved_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "cache_similarity" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "guardrails" jsonb;