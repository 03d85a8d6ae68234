CREATE TABLE "route_feedback" (
	"job_id" text PRIMARY KEY NOT NULL,
	"key_hash" text NOT NULL,
	"good" boolean NOT NULL,
	"score" numeric,
	"given_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "prompt_cache_saved_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "route_group" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "route_tier" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "route_score" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "cache_key" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "saved_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "cache_similarity" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "guardrails" jsonb;