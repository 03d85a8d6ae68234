CREATE TABLE "credentials" (
	"name" text PRIMARY KEY NOT NULL,
	"values" jsonb NOT NULL,
	"info" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_by" text NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"published_revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "prompts" (
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"job_id" text NOT NULL,
	"key_hash" text NOT NULL,
	"team_id" text,
	"user_id" text,
	"organization_id" text,
	"route" text NOT NULL,
	"model" text NOT NULL,
	"status" integer NOT NULL,
	"request" text NOT NULL,
	"answer" text NOT NULL,
	CONSTRAINT "prompts_accepted_at_job_id_pk" PRIMARY KEY("accepted_at","job_id")
);
--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "spend_carried_usd" numeric;--> statement-breakpoint
CREATE INDEX "prompts_job" ON "prompts" USING btree ("job_id");