import { DEFAULT_BUDGETS, type GatewayConfig } from '#config';
import type { Attribution } from '#contracts';

/** What the configuration says of budgets, as the ingress needs it. */
export interface BudgetRules {
  readonly defaultOutputTokens: number;
  readonly unknownPriceUsd: string | undefined;
  /** In place of 402. */
  readonly budgetExceededStatus: number | undefined;
  /** A budget of the gateway, a provider or a deployment counts every request; one for all end users those that name one. */
  budgetsEverybody(by: Attribution): boolean;
  /** The same, and so does a number of requests at a time for the gateway or for every key. */
  limitsEverybody(by: Attribution): boolean;
}

type Config = Pick<GatewayConfig, 'budgets' | 'deployments'>;

const rulesOf = new WeakMap<Config['deployments'], { readonly budgets: Config['budgets']; readonly rules: BudgetRules }>();

/** Worked out once for a configuration: what changes at run time are its parts. */
export function budgetRules({ budgets, deployments }: Config): BudgetRules {
  const known = rulesOf.get(deployments);
  if (known !== undefined && known.budgets === budgets) return known.rules;
  const rules = readRules({ budgets, deployments });
  rulesOf.set(deployments, { budgets, rules });
  return rules;
}

function readRules({ budgets = DEFAULT_BUDGETS, deployments }: Config): BudgetRules {
  const { gateway, providers, endUserBudget, endUserBudgetId, gatewayParallel, keyParallel } = budgets;
  const ofEverybody = gateway !== undefined || Object.keys(providers).length > 0 || deployments.some(({ budget }) => budget !== undefined);
  const ofEndUsers = endUserBudget !== undefined || endUserBudgetId !== undefined;
  const isParallel = gatewayParallel !== undefined || keyParallel !== undefined;
  const budgetsEverybody = ({ endUser }: Attribution): boolean => ofEverybody || (ofEndUsers && endUser !== undefined);
  return {
    defaultOutputTokens: budgets.defaultOutputTokens,
    unknownPriceUsd: budgets.unknownPriceUsd,
    budgetExceededStatus: budgets.exceededStatus,
    budgetsEverybody,
    limitsEverybody: isParallel ? () => true : budgetsEverybody,
  };
}
