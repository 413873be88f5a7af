import type { GatewayRequest } from '../model/request.ts';
import { listAt, textsAt } from './document.ts';
import type { OutcomeFacts, Said } from './outcomeFacts.ts';
import { modelWords } from './outcomeFacts.ts';
import { actionWords, duration, quoted, resourceWords } from './sayWords.ts';
import { documentOf, type Touched, targetsOf } from './touchedResources.ts';

/** 404: only the configuration tells a typing error from a model that somebody took away. */
export function notFound({ request, config, changes, touched }: OutcomeFacts): Said {
  const name = request.requestedModel;
  if (name === undefined) return { sentence: 'The caller asked for something that the gateway does not know (404).' };
  const deleted = changes.find(
    ({ change: { action, resource }, met }) =>
      resource.kind === 'model' &&
      (action === 'delete' || (resource.previousName === name && resource.name !== name)) &&
      (resource.name === name || resource.previousName === name) &&
      met !== 'refused',
  );
  const resolved = touched.find(({ role }) => role === 'requested model')?.resolved;
  if (resolved !== undefined && resolved.standing !== 'in_transition' && resolved.served !== undefined) {
    return {
      outcomeClass: config.basis.source === 'wanted' ? 'projection_failure' : 'unknown',
      sentence:
        config.basis.source === 'wanted'
          ? `The gateway knew no model ${quoted(name)} (404), though one was saved.`
          : `The gateway said that it knows no model ${quoted(name)} (404), though the configuration in force has one: the record and the configuration contradict each other.`,
      evidence: [{ code: 'model_in_force', text: `A ${resourceWords(resolved)} existed at that time.` }],
    };
  }
  if (deleted !== undefined && resolved === undefined) {
    const { action } = deleted.change;
    const done = action === 'delete' ? actionWords(action) : `renamed to ${quoted(deleted.change.resource.name ?? '')}`;
    return {
      outcomeClass: 'gateway_configuration',
      sentence: `The model ${quoted(name)} was ${done} ${duration(deleted.ageMs)} before, and callers still ask for it.`,
      evidence: [{ code: 'model_removed', text: `Change ${deleted.change.id}: model ${quoted(name)} ${done}.` }],
    };
  }
  if (resolved?.standing === 'in_transition') {
    return {
      sentence: `The gateway knew no model ${quoted(name)} (404) while a change to it was coming into force.`,
      outcomeClass: 'gateway_configuration',
    };
  }
  const known = config.basis.complete ? 'no such model exists in the configuration in force' : 'the gateway knows none';
  return { sentence: `The caller asked for the model ${quoted(name)}, and ${known} (404).` };
}

/** 400: a group whose target does not exist is answered like a malformed request. */
export function invalidRequest({ request, config, touched }: OutcomeFacts, said: string): Said {
  const group = touched.find(({ role }) => role === 'requested model')?.resolved;
  const missing = config.basis.complete
    ? targetsOf(documentOf(group)).filter((target) => config.byName('model', target) === undefined)
    : [];
  if (group !== undefined && missing.length > 0) {
    const names = missing.map(quoted).join(', ');
    return {
      outcomeClass: 'gateway_configuration',
      sentence: `The group ${quoted(group.name ?? group.id)} names a target that does not exist (${names}); the gateway answers that with ${said}, as if the request were wrong.`,
      evidence: [{ code: 'target_missing', text: `Targets of ${resourceWords(group)} that are no models: ${names}.` }],
    };
  }
  if (group?.standing === 'in_transition') {
    return {
      outcomeClass: 'unknown',
      sentence: `The gateway refused the request (${said}) while a change to ${quoted(group.name ?? group.id)} was coming into force: whether the request or the group was wrong is not certain.`,
    };
  }
  // An error of an attempt is never the caller's.
  if (request.attempts.length > 0) {
    return { outcomeClass: 'unknown', sentence: `The gateway refused the request after an attempt (${said}).` };
  }
  return { sentence: `The gateway could not take the request as it was written (${said}), and tried nothing.` };
}

export function forbidden({ request, touched }: OutcomeFacts, said: string): Said {
  const key = touched.find(({ role }) => role === 'caller key')?.resolved;
  const allowed = textsAt(documentOf(key), 'allowed_models');
  const name = request.requestedModel;
  const who = key?.name === undefined ? "The caller's key" : `The caller key ${quoted(key.name)}`;
  if (name !== undefined && allowed !== undefined && !allowed.includes(name) && !allowed.includes('*')) {
    return {
      sentence: `${who} may not use the model ${quoted(name)} (${said}).`,
      evidence: [
        {
          code: 'model_not_allowed',
          text: `Models allowed to it then: ${allowed.length === 0 ? 'none' : allowed.slice(0, 10).map(quoted).join(', ')}.`,
        },
      ],
    };
  }
  const networks = listAt(
    documentOf(touched.find(({ role }) => role === 'requested model')?.resolved),
    'allowed_cidrs',
  );
  return {
    sentence: `${who} was not permitted to do this (${said}).`,
    ...(networks.length > 0 && {
      evidence: [
        { code: 'networks_limited', text: `The model ${modelWords(request)} may be asked from named networks only.` },
      ],
    }),
  };
}

export function overBudget({ touched }: OutcomeFacts, said: string): Said {
  const budgets = touched.filter(({ kind }) => kind === 'budget');
  const [only, ...others] = budgets.map(({ name, id }) => quoted(name ?? id ?? ''));
  const isSure = budgets.length === 1 && budgets[0]?.certain === true;
  return {
    sentence: `A budget${isSure ? `, most likely ${only},` : ''} is used up, so the gateway refused the request (${said}).`,
    ...(only !== undefined && {
      evidence: [{ code: 'budgets_in_force', text: `Budgets that may be: ${[only, ...others].join(', ')}.` }],
    }),
  };
}

export function rateLimited({ request, touched }: OutcomeFacts, said: string): Said {
  const refused = request.attempts.filter(({ dispatched }) => !dispatched);
  if (refused.length > 0) {
    const names = [...new Set(refused.flatMap(({ model }) => (model === undefined ? [] : [quoted(model)])))];
    return {
      sentence: `The gateway's own limit of the target${names.length === 0 ? '' : ` ${names.join(', ')}`} refused it (${said}); no provider was asked.`,
    };
  }
  const limits = touched.filter(hasLimit);
  const [only, ...others] = limits.map(limitWords);
  const isSure = limits.length === 1 && limits[0]?.certain === true;
  return {
    sentence: `A rate limit${isSure ? `, most likely ${only},` : ''} refused it before any attempt (${said}).`,
    ...(only !== undefined && {
      evidence: [{ code: 'limits_in_force', text: `Limits that may have: ${[only, ...others].join(', ')}.` }],
    }),
  };
}

/** Policies limit, and caller keys and models may have limits of their own. */
function hasLimit({ kind, role, resolved }: Touched): boolean {
  if (kind === 'rate_limit_policy') return true;
  const value = documentOf(resolved);
  if (role === 'caller key') return value?.rate_limit !== undefined || value?.mcp_rate_limits !== undefined;
  return role === 'requested model' && value?.rate_limit !== undefined;
}

function limitWords({ kind, role, name, id }: Touched): string {
  const called = quoted(name ?? id ?? '');
  return kind === 'rate_limit_policy' ? `the policy ${called}` : `that of the ${role} ${called}`;
}

export function routingExhausted({ request, touched }: OutcomeFacts, said: string): Said {
  const targets = touched.filter(({ role }) => role === 'target').map(({ name, id }) => quoted(name ?? id ?? ''));
  const of = targets.length === 0 ? '' : ` Its targets were ${targets.join(', ')}.`;
  return {
    sentence: `No target of ${modelWords(request)} was left to try: all were cooled down or excluded (${said}).${of}`,
  };
}

export function blockedSentence({ guardrail, attempts }: GatewayRequest): string {
  const blocked =
    guardrail?.hits?.filter(({ action, mode }) => mode === 'enforced' && action.startsWith('blocked')) ?? [];
  const names = [...new Set(blocked.map(({ name }) => quoted(name)))];
  const which = names.length === 0 ? 'A guardrail' : `The guardrail ${names.join(' and ')}`;
  const unavailable = blocked.some(({ action }) => action === 'blocked_unavailable');
  const why = unavailable
    ? ', because its own service did not answer and it does not let through what it cannot check'
    : '';
  return attempts.some(({ dispatched }) => dispatched)
    ? `${which} held back the answer${why}.`
    : `${which} stopped the request before any attempt${why}.`;
}
