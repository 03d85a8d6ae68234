ALTER TABLE "attempts" ADD COLUMN "input_image_tokens" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "output_image_tokens" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "images" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "image_size" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "image_quality" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "audio_seconds" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "characters" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "search_units" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "web_searches" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "service_tier" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "reasoning_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "audio_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "image_usd" numeric;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "request_usd" numeric;