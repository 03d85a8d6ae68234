CREATE TABLE "attempts" (
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"job_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"delivery" integer NOT NULL,
	"status" text NOT NULL,
	"verdict" text,
	"superseded_estimate" boolean DEFAULT false NOT NULL,
	"key_hash" text NOT NULL,
	"key_alias" text,
	"team_id" text,
	"user_id" text,
	"end_user" text,
	"session_id" text,
	"agent" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"lane" text NOT NULL,
	"tier" text NOT NULL,
	"stream" boolean NOT NULL,
	"route" text NOT NULL,
	"requested_model" text NOT NULL,
	"model_group" text NOT NULL,
	"deployment_id" text NOT NULL,
	"provider" text NOT NULL,
	"model" text NOT NULL,
	"api_base" text,
	"provider_request_id" text,
	"input_tokens" bigint NOT NULL,
	"cache_read_tokens" bigint NOT NULL,
	"cache_write_tokens" bigint NOT NULL,
	"cache_write_1h_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"reasoning_tokens" bigint NOT NULL,
	"input_audio_tokens" bigint NOT NULL,
	"output_audio_tokens" bigint NOT NULL,
	"usage_estimated" boolean NOT NULL,
	"input_usd" numeric,
	"cache_read_usd" numeric,
	"cache_write_usd" numeric,
	"output_usd" numeric,
	"total_usd" numeric,
	"price_source" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"first_token_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"upstream_status" integer,
	"finish_reason" text,
	"error_code" text,
	"error_message" text,
	"worker" text,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attempts_accepted_at_job_id_attempt_delivery_pk" PRIMARY KEY("accepted_at","job_id","attempt","delivery"),
	CONSTRAINT "attempts_usd_finite" CHECK ("attempts"."total_usd" >= 0 and "attempts"."total_usd" < 'Infinity')
);
--> statement-breakpoint
CREATE TABLE "virtual_keys" (
	"hash" text PRIMARY KEY NOT NULL,
	"masked" text NOT NULL,
	"alias" text,
	"team_id" text,
	"user_id" text,
	"models" text[] DEFAULT '{}' NOT NULL,
	"aliases" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"blocked" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_by" text NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"published_revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX "attempts_key" ON "attempts" USING btree ("key_hash","accepted_at");--> statement-breakpoint
CREATE INDEX "attempts_session" ON "attempts" USING btree ("session_id","accepted_at") WHERE "attempts"."session_id" is not null;--> statement-breakpoint
CREATE INDEX "attempts_job" ON "attempts" USING btree ("job_id");--> statement-breakpoint
CREATE UNIQUE INDEX "virtual_keys_alias" ON "virtual_keys" USING btree ("alias") WHERE "virtual_keys"."alias" is not null and "virtual_keys"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "virtual_keys_team" ON "virtual_keys" USING btree ("team_id") WHERE "virtual_keys"."team_id" is not null;--> statement-breakpoint
CREATE INDEX "virtual_keys_user" ON "virtual_keys" USING btree ("user_id") WHERE "virtual_keys"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "virtual_keys_created" ON "virtual_keys" USING btree ("created_at","hash");--> statement-breakpoint
CREATE INDEX "virtual_keys_unpublished" ON "virtual_keys" USING btree ("hash") WHERE "virtual_keys"."revision" <> "virtual_keys"."published_revision";