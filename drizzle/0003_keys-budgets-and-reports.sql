CREATE TABLE "alert_deliveries" (
	"alert_id" text NOT NULL,
	"destination" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"given_up_at" timestamp (3) with time zone,
	"last_error" text,
	CONSTRAINT "alert_deliveries_alert_id_destination_pk" PRIMARY KEY("alert_id","destination")
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"event" jsonb NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"changed_by" text NOT NULL,
	"changed_by_key" text,
	"action" text NOT NULL,
	"table_name" text NOT NULL,
	"object_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"id" text PRIMARY KEY NOT NULL,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "daily_spend" (
	"day" date NOT NULL,
	"grain" uuid NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"key_hash" text NOT NULL,
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"model_group" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"route" text NOT NULL,
	"spend_usd" numeric NOT NULL,
	"attempts" bigint NOT NULL,
	"successes" bigint NOT NULL,
	"unpriced" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"cache_read_tokens" bigint NOT NULL,
	"cache_write_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"reasoning_tokens" bigint NOT NULL,
	CONSTRAINT "daily_spend_kind_day_grain_pk" PRIMARY KEY("kind","day","grain")
) PARTITION BY LIST ("kind");
--> statement-breakpoint
CREATE TABLE "daily_spend_total" PARTITION OF "daily_spend" FOR VALUES IN ('total');
--> statement-breakpoint
CREATE TABLE "daily_spend_key" PARTITION OF "daily_spend" FOR VALUES IN ('key');
--> statement-breakpoint
CREATE TABLE "daily_spend_customer" PARTITION OF "daily_spend" FOR VALUES IN ('customer');
--> statement-breakpoint
CREATE TABLE "daily_spend_agent" PARTITION OF "daily_spend" FOR VALUES IN ('agent');
--> statement-breakpoint
CREATE TABLE "daily_spend_tag" PARTITION OF "daily_spend" FOR VALUES IN ('tag');
--> statement-breakpoint
CREATE TABLE "config_settings" (
	"section" text PRIMARY KEY NOT NULL,
	"values" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_by" text NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"published_revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" text PRIMARY KEY NOT NULL,
	"model_name" text NOT NULL,
	"litellm_params" jsonb NOT NULL,
	"model_info" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"team_id" text,
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
CREATE TABLE "organization_members" (
	"organization_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organization_members_organization_id_user_id_pk" PRIMARY KEY("organization_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "scopes" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"alias" text,
	"role" text,
	"email" text,
	"organization_id" text,
	"team_id" text,
	"user_id" text,
	"budget_id" text,
	"blocked" boolean DEFAULT false NOT NULL,
	"models" text[] DEFAULT '{}' NOT NULL,
	"aliases" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"limits" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_by" text NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"published_revision" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "scopes_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "session_spend" (
	"day" date NOT NULL,
	"session_id" text NOT NULL,
	"key_hash" text NOT NULL,
	"team_id" text,
	"organization_id" text,
	"user_id" text,
	"end_user" text,
	"agent" text,
	"models" text[] NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"spend_usd" numeric NOT NULL,
	"attempts" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"failures" bigint NOT NULL,
	"unpriced" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	CONSTRAINT "session_spend_session_id_key_hash_day_pk" PRIMARY KEY("session_id","key_hash","day")
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "estimate" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "organization_id" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "organization_id" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "key_type" text DEFAULT 'default' NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "allowed_routes" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "enforced_params" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "budget_fallbacks" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "limit_fields" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "budget_id" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "spend_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "secret_hash" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "previous_secret_hash" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "previous_secret_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "retired_secrets" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "auto_rotate" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "rotation_interval" text;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "rotate_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "rotated_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "virtual_keys" ADD COLUMN "rotation_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_deliveries_due" ON "alert_deliveries" USING btree ("next_at") WHERE "alert_deliveries"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "alerts_raised" ON "alerts" USING btree ("raised_at");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_log_object" ON "audit_log" USING btree ("table_name","object_id","at");--> statement-breakpoint
CREATE INDEX "audit_log_changed_by" ON "audit_log" USING btree ("changed_by","at");--> statement-breakpoint
CREATE INDEX "daily_spend_name" ON "daily_spend" USING btree ("kind","name","day");--> statement-breakpoint
CREATE INDEX "daily_spend_team" ON "daily_spend" USING btree ("team_id","day") WHERE "daily_spend"."kind" = 'key' and "daily_spend"."team_id" <> '';--> statement-breakpoint
CREATE INDEX "daily_spend_user" ON "daily_spend" USING btree ("user_id","day") WHERE "daily_spend"."kind" = 'key' and "daily_spend"."user_id" <> '';--> statement-breakpoint
CREATE INDEX "daily_spend_organization" ON "daily_spend" USING btree ("organization_id","day") WHERE "daily_spend"."kind" = 'key' and "daily_spend"."organization_id" <> '';--> statement-breakpoint
CREATE INDEX "models_team" ON "models" USING btree ("team_id") WHERE "models"."team_id" is not null;--> statement-breakpoint
CREATE INDEX "organization_members_user" ON "organization_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "scopes_created" ON "scopes" USING btree ("kind","created_at","id");--> statement-breakpoint
CREATE INDEX "scopes_team" ON "scopes" USING btree ("team_id") WHERE "scopes"."team_id" is not null;--> statement-breakpoint
CREATE INDEX "scopes_user" ON "scopes" USING btree ("user_id") WHERE "scopes"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "scopes_organization" ON "scopes" USING btree ("organization_id") WHERE "scopes"."organization_id" is not null;--> statement-breakpoint
CREATE INDEX "scopes_budget" ON "scopes" USING btree ("budget_id") WHERE "scopes"."budget_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "scopes_email" ON "scopes" USING btree (lower("email")) WHERE "scopes"."kind" = 'user' and "scopes"."email" is not null and "scopes"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "scopes_unpublished" ON "scopes" USING btree ("kind","id") WHERE "scopes"."revision" <> "scopes"."published_revision";--> statement-breakpoint
CREATE INDEX "session_spend_day" ON "session_spend" USING btree ("day");--> statement-breakpoint
CREATE INDEX "attempts_team" ON "attempts" USING btree ("team_id","accepted_at") WHERE "attempts"."team_id" is not null;--> statement-breakpoint
CREATE INDEX "attempts_user" ON "attempts" USING btree ("user_id","accepted_at") WHERE "attempts"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "attempts_organization" ON "attempts" USING btree ("organization_id","accepted_at") WHERE "attempts"."organization_id" is not null;--> statement-breakpoint
CREATE INDEX "attempts_end_user" ON "attempts" USING btree ("end_user","accepted_at") WHERE "attempts"."end_user" is not null;--> statement-breakpoint
CREATE INDEX "attempts_agent" ON "attempts" USING btree ("agent","accepted_at") WHERE "attempts"."agent" is not null;--> statement-breakpoint
CREATE INDEX "attempts_model" ON "attempts" USING btree ("model","accepted_at");--> statement-breakpoint
CREATE INDEX "attempts_provider" ON "attempts" USING btree ("provider","accepted_at");--> statement-breakpoint
CREATE INDEX "attempts_tags" ON "attempts" USING gin ("tags") WHERE "attempts"."tags" <> '{}';--> statement-breakpoint
CREATE INDEX "virtual_keys_organization" ON "virtual_keys" USING btree ("organization_id") WHERE "virtual_keys"."organization_id" is not null;--> statement-breakpoint
CREATE INDEX "virtual_keys_budget" ON "virtual_keys" USING btree ("budget_id") WHERE "virtual_keys"."budget_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "virtual_keys_secret" ON "virtual_keys" USING btree ("secret_hash") WHERE "virtual_keys"."secret_hash" is not null and "virtual_keys"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "virtual_keys_previous_secret" ON "virtual_keys" USING btree ("previous_secret_hash") WHERE "virtual_keys"."previous_secret_hash" is not null;--> statement-breakpoint
CREATE INDEX "virtual_keys_rotation" ON "virtual_keys" USING btree ("rotate_at") WHERE "virtual_keys"."rotate_at" is not null and "virtual_keys"."deleted_at" is null;