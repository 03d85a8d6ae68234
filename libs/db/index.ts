export { dropAlerts, finishDelivery, listAlerts, newAlertIds, recordAlert, redeliverAlert, takeDueDeliveries } from './alerts.ts';
export type { DeliveryResult, DueDelivery, RecordedAlert } from './alerts.ts';
export { createCredential, deleteCredential, findCredential, listCredentials, lockCredential, updateCredential } from './credentials.ts';
export type { NewCredential, StoredCredential } from './credentials.ts';
export { findExpiringKeys } from './expiring-keys.ts';
export { findUnusualSpend } from './unusual-spend.ts';
export type { UnusualSpend } from './unusual-spend.ts';
export { addAuditEntries, findAuditEntry, listAuditEntries } from './audit.ts';
export type { AuditEntry, AuditFilter, AuditPage, NewAuditEntry } from './audit.ts';
export { createBudget, deleteBudget, findBudgets, listBudgets, lockBudget, updateBudget } from './budgets.ts';
export type { NewBudget, StoredBudget } from './budgets.ts';
export { findStanding, USER_ROLES } from './caller-standing.ts';
export type { StoredStanding, UserRole } from './caller-standing.ts';
export { driverError, isContention, isDatabaseDown, isRefusedData } from './database-error.ts';
export { publishVirtualKey, unpublishAllKeys, unpublishedKeys } from './key-outbox.ts';
export { publishScope, unpublishAllScopes, unpublishedScopes } from './scope-outbox.ts';
export { deleteKeysOf } from './keys-of-owner.ts';
export { giveFeedback, listRoutedJobs } from './route-feedback.ts';
export type { RoutedJob, RouteFeedback } from './route-feedback.ts';
export { dropPrompts, findPrompt, storePrompts } from './prompts.ts';
export type { KeptPrompt } from './prompts.ts';
export type { KeyOwners } from './keys-of-owner.ts';
export { nameOfStored, publishStored, unpublishedStored, unpublishStored } from './config-outbox.ts';
export type { StoredName, StoredState } from './config-outbox.ts';
export { openSimilarTexts } from './similar-texts.ts';
export type { SimilarTexts } from './similar-texts.ts';
export { applyAttempts } from './ledger.ts';
export type { AppliedCounts } from './ledger.ts';
export {
  changeStoredModel,
  changeStoredSettings,
  createStoredModel,
  deleteStoredModel,
  findStoredModel,
  listStoredModels,
  listStoredSettings,
} from './models.ts';
export type { NewStoredModel, StoredModel, StoredModelChange, StoredSettingsRow } from './models.ts';
export { migrate } from './migrate.ts';
export type { MigrationReport } from './migrate.ts';
export {
  addOrganizationMember,
  deleteOrganizationMember,
  deleteOrganizationMembers,
  findOrganizationMembers,
  updateOrganizationMember,
} from './organization-members.ts';
export type { MemberFilter, OrganizationMember } from './organization-members.ts';
export { dropPartitions, listPartitions, makePartitions } from './partitions.ts';
export type { Partition } from './partitions.ts';
export { openDatabase } from './open-database.ts';
export type { DatabaseOwner } from './open-database.ts';
export { pingDatabase } from './ping.ts';
export { createPool } from './pool.ts';
export type { Database, PoolOptions } from './pool.ts';
export {
  createScope,
  deleteScopes,
  findScope,
  findScopes,
  holdScope,
  lockScopes,
  lockScopesOfBudget,
  pageOfScopes,
  updateScope,
} from './scopes.ts';
export type { CreateScopeResult, NewScope, ScopeChange, ScopeFilter, ScopePage, ScopePaging, StoredScope } from './scopes.ts';
export { listSessions, SESSION_ORDERS } from './session-sums.ts';
export type { SessionOrder, SessionQuery, SessionSum } from './session-sums.ts';
export { EVERYBODY } from './spend-filter.ts';
export type { NameFilter, SpendVisibility } from './spend-filter.ts';
export { listAttempts, MOST_COUNTED, pageOfAttempts, ROW_ORDERS } from './spend-log.ts';
export type { LedgerEntry, LedgerPlace, RowFilter, RowOrder, RowPage } from './spend-log.ts';
export { spendOfKeys, sumSpend } from './spend-sums.ts';
export type { Dimension, SpendSum, SumsQuery } from './spend-sums.ts';
export { transact } from './transact.ts';
export { spendOfKeysSince } from './key-spend.ts';
export type { KeySpendQuery } from './key-spend.ts';
export { KEY_ORDERS, KEY_STATUSES, listKeyAliases, listVirtualKeys } from './key-list.ts';
export type { KeyFilter, KeyListOptions, KeyOrder, KeyPage, KeyStatus, KeyVisibility } from './key-list.ts';
export {
  changeVirtualKey,
  createVirtualKey,
  deleteVirtualKeys,
  endOfSecret,
  findKeyBySecret,
  findVirtualKey,
  findVirtualKeysByAlias,
  isSecretTaken,
  keysToRotate,
  keysWithBudget,
  namesOfKeys,
} from './virtual-keys.ts';
export type { ChangeKeyResult, CreateKeyResult, KeyBySecret, KeyChange, KeySettings, NewVirtualKey, VirtualKey } from './virtual-keys.ts';
export { spendOfEndUsers, spendOfWindows } from './window-spend.ts';
export type { SpendWindow } from './window-spend.ts';
export { addBatchLines, clearBatchLines, endBatchLines, endedBatchLines, nextEndedLines, saveLineResults } from './batch-lines.ts';
export type { EndedLine, LineResult, LineResults, NewLine } from './batch-lines.ts';
export {
  cancelBatch,
  createBatch,
  deleteBatch,
  findBatch,
  keepBatch,
  leaveBatches,
  listBatches,
  stepBatch,
  takeBatches,
} from './batches.ts';
export type { BatchError, BatchFormat, BatchState, LineState, NewBatch, Runner, StoredBatch } from './batches.ts';
export { addFileChunk, beginFile, deleteFile, filesToForget, findFile, finishFile, listFiles, nextFileChunk } from './files.ts';
export type { FinishedFile, NewFile, StoredFile } from './files.ts';
export {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  dropWebhookDeliveries,
  findWebhook,
  finishWebhook,
  listWebhookDeliveries,
  listWebhooks,
  recordWebhookEvent,
  redeliverWebhook,
  takeDueWebhooks,
  untoldBatches,
} from './webhooks.ts';
export type { DueWebhook, EndedBatch, StoredWebhook, WebhookDelivery, WebhookEvent } from './webhooks.ts';
