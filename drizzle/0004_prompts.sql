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
CREATE INDEX "prompts_job" ON "prompts" USING btree ("job_id");