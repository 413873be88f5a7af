import type { ConfigChange } from '../model/change.ts';
import type { ComparedGroups, Counts, Impact, Indicator, Reason } from './model.ts';
import { kindWords } from './sayWords.ts';

const percent = (share: number): string => {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
};
const shareOf = ({ bad, total }: Counts): string => (total === 0 ? 'none' : percent(bad / total));
const ofCounts = ({ bad, total }: Counts): string => `${bad} of ${total}`;

const CONTROL_WORDS: Readonly<Record<ComparedGroups['control'], string>> = {
  siblings: 'resources beside it',
  others: 'other traffic',
  weak: 'other traffic (a weak comparison)',
  none: '',
};

/** "model fast", "caller key web": kind and name, or id. */
export function nameOf({ resource }: ConfigChange): string {
  return `${kindWords(resource.kind)} ${resource.name ?? resource.id ?? 'without a name'}`;
}

function sureness(probability: number): string {
  return probability >= 0.9999 ? 'more than 99.99 % sure' : `${(probability * 100).toFixed(2)} % sure`;
}

function controlPart({ controlBefore, controlAfter }: Indicator, control: ComparedGroups['control']): string {
  if (control === 'none' || controlBefore.total === 0) return '; no other traffic to compare with';
  return `; ${CONTROL_WORDS[control]} ${shareOf(controlBefore)} → ${shareOf(controlAfter)}`;
}

/** The counts of an indicator: "3 of 412 before, 57 of 398 after; other traffic 1.1 % → 1.0 %". */
function counts(indicator: Indicator, control: ComparedGroups['control']): string {
  const { kind, label, before, after, ratio } = indicator;
  if (kind === 'vanished') {
    return `${Math.max(0, after.total - after.bad)} requests after it, about ${after.total} were expected`;
  }
  const times = ratio === undefined || kind === 'outcome' ? '' : `, ${ratio.toFixed(2)} times the duration`;
  return `${label}: ${ofCounts(before)} before, ${ofCounts(after)} after${times}${controlPart(indicator, control)}`;
}

const WITHOUT_COUNTS: Readonly<Partial<Record<Reason, string>>> = {
  rejected_by_data_plane: 'the data plane refused the document, so it never came into force',
  equals_value_in_force: 'what it sets was in force all along',
  refused_by_control_plane: 'the change itself failed',
  superseded_before_in_force: 'it was overwritten before any data plane took it',
  paths_have_no_effect: 'nothing that it changed has an effect on requests',
  effect_not_observable: 'its effect would not show in any request',
  not_in_force_yet: 'no data plane has taken it yet',
  before_first_look: 'it is too early to say',
  no_resource: 'nothing tells which resource it changed',
  resource_untouched: 'no request touched it',
  no_data_before: 'no requests are known from before it',
  replaced_too_soon: 'the same resource was changed again too soon',
  clocks_disagree: 'the sources of its time contradict each other',
  feed_silent: 'requests are missing around it, because a feed was silent',
};

function evidenceOf({ probabilityWorse, probabilityBetter, echo }: Indicator): string {
  const sure = sureness(Math.max(probabilityWorse, probabilityBetter));
  return echo === undefined ? sure : `${sure}, and the error messages quote the new value`;
}

/** As many would do if all of them reached the resource itself. */
const ENOUGH = 200;

const atMost = (count = 0): string => (count === 0 ? 'none' : `only ${count}`);

/** One sentence for people. No values of the configuration, only names and counts. */
export function sentenceOf(change: ConfigChange, impact: Omit<Impact, 'sentence'>): string {
  const { reason, indicators, groups, look } = impact;
  const subject = `Requests touched by ${nameOf(change)}`;
  const plain = WITHOUT_COUNTS[reason];
  if (plain !== undefined) return `${capital(nameOf(change))}: ${plain}.`;
  const [leading] = indicators;
  const control = groups?.control ?? 'none';
  const told = leading === undefined ? undefined : counts(leading, control);
  switch (reason) {
    case 'few_requests_before':
      return `${subject}: ${atMost(groups?.treatedBefore)} before the change.`;
    case 'few_requests_after':
      return (groups?.treatedAfter ?? 0) < ENOUGH
        ? `${subject}: ${atMost(groups?.treatedAfter)} since the change.`
        : `${subject}: of ${groups?.treatedAfter} since the change, too few asked for it directly.`;
    case 'within_margin':
      return `${subject}: ${groups?.treatedBefore ?? 0} before, ${groups?.treatedAfter ?? 0} after, and everything that it could change stayed within two points of what was expected.`;
    case 'not_sure_enough':
      return told === undefined
        ? `${subject}: nothing moved${impact.settled ? ', but that is not sure enough to clear it' : ' so far'}.`
        : `${subject}: ${told}; not sure enough at ${look?.name}.`;
    case 'provider_down_alike':
      return `${subject}: ${told}; an outage of the provider would look the same.`;
    case 'same_moment_as_another':
      return told === undefined
        ? `${capital(nameOf(change))}: it was changed again within the same moment, and requests cannot tell the two apart.`
        : `${subject}: ${told}; another change of the same moment explains it as well.`;
    case 'one_of_a_burst':
      return `${subject}: ${told}; several changes of the same burst explain it as well.`;
    case 'onset_misfit':
      return `${subject}: ${told}; but it did not begin when the change came into force.`;
    case 'moved_without_mechanism':
      return `${subject}: ${told}; nothing that it changed can cause this.`;
    case 'coincidence_without_mechanism':
      return `${subject}: ${told}; a strong coincidence, mechanism unknown.`;
    case 'restores_earlier_value':
      return `${subject}: ${told}; it puts back an earlier value.`;
    default:
      return `${subject}: ${told}${leading === undefined ? '' : `; ${evidenceOf(leading)}`}.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
