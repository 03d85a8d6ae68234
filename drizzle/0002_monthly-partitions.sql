-- The ledger becomes partitioned by the month of accepted_at. Rows there are stay where they are: their table becomes the first
-- partition, which reaches to the end of the newest month in it. Nothing is copied; attaching reads it once.
-- Indexes and constraints of the new table take over those of the old one by their shape. Partitions of further months are made
-- ahead at run time (libs/db/partitions.ts); what falls between them goes to attempts_default.
ALTER TABLE "attempts" RENAME TO "attempts_old";--> statement-breakpoint
ALTER TABLE "attempts_old" RENAME CONSTRAINT "attempts_accepted_at_job_id_attempt_delivery_pk" TO "attempts_old_pk";--> statement-breakpoint
ALTER INDEX "attempts_key" RENAME TO "attempts_old_key";--> statement-breakpoint
ALTER INDEX "attempts_session" RENAME TO "attempts_old_session";--> statement-breakpoint
ALTER INDEX "attempts_job" RENAME TO "attempts_old_job";--> statement-breakpoint
CREATE TABLE "attempts" (LIKE "attempts_old" INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ("accepted_at");--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_accepted_at_job_id_attempt_delivery_pk" PRIMARY KEY ("accepted_at","job_id","attempt","delivery");--> statement-breakpoint
CREATE INDEX "attempts_key" ON "attempts" USING btree ("key_hash","accepted_at");--> statement-breakpoint
CREATE INDEX "attempts_session" ON "attempts" USING btree ("session_id","accepted_at") WHERE "session_id" is not null;--> statement-breakpoint
CREATE INDEX "attempts_job" ON "attempts" USING btree ("job_id");--> statement-breakpoint
DO $$
DECLARE
  newest timestamptz := (SELECT max("accepted_at") FROM "attempts_old");
  month timestamp := date_trunc('month', greatest(newest, now()) AT TIME ZONE 'UTC') + interval '1 month';
BEGIN
  IF newest IS NULL THEN
    DROP TABLE "attempts_old";
  ELSE
    EXECUTE format('ALTER TABLE "attempts" ATTACH PARTITION "attempts_old" FOR VALUES FROM (MINVALUE) TO (%L)', month AT TIME ZONE 'UTC');
  END IF;
END
$$;--> statement-breakpoint
CREATE TABLE "attempts_default" PARTITION OF "attempts" DEFAULT;
