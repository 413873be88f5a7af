import { css } from '@emotion/css';
import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { FieldValidationMessage, TextArea, useStyles2 } from '@grafana/ui';
import React, { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FieldDescription } from '../api/contract';
import { type Completion, completionOf, completionsAt, type Place, placeAt } from '../filters/code/completions';
import { type Code, parseCode } from '../filters/code/parse';
import { printCode } from '../filters/code/print';
import { CodeProblem } from '../filters/code/problem';
import type { RunContext } from '../run/context';
import { valueLoader } from './choices';

/** Rest between two letters, after which values are asked for. */
const PAUSE_MILLIS = 200;

/** Suggestions that are listed; one types on to see others. */
const LISTED = 50;

interface Props {
  readonly code: string;
  /** None until the server has told them; then everything passes, and the server checks. */
  readonly fields: readonly FieldDescription[];
  readonly range: TimeRange | undefined;
  readonly context: RunContext;
  readonly onCommit: (code: Code) => void;
}

/**
 * Filters as text, with suggestions. The text counts when one presses Enter or leaves it, and only where it can be read;
 * until then the query stays what it was, and a line under it says what is wrong and where.
 */
export function CodeInput({ code, fields, range, context, onCommit }: Props) {
  const id = useId();
  const styles = useStyles2(getStyles);
  const input = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState(code);
  const [problem, setProblem] = useState<string>();
  const [place, setPlace] = useState<Place>();
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(place, { fields, range, context });
  useEffect(() => {
    setTyped(code);
    setProblem(undefined);
  }, [code]);
  const close = () => {
    setPlace(undefined);
    setActive(-1);
  };
  const open = (text: string, cursor: number) => {
    setPlace(placeAt(text, cursor));
    setActive(-1);
  };
  const commit = () => {
    close();
    const { read, failure } = readable(typed, fields);
    setProblem(failure);
    // The same filters in other words are no other query.
    if (read !== undefined && printCode(read.filters, read.text) !== code) onCommit(read);
  };
  const accept = ({ insert }: Completion) => {
    if (place === undefined) return;
    const text = typed.slice(0, place.from) + insert + typed.slice(place.to);
    const cursor = place.from + insert.length;
    setTyped(text);
    open(text, cursor);
    // The text is in the field after the next drawing.
    requestAnimationFrame(() => input.current?.setSelectionRange(cursor, cursor));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const chosen = suggestions[active];
    if (event.key === 'ArrowDown' && suggestions.length > 0) setActive((active + 1) % suggestions.length);
    else if (event.key === 'ArrowUp' && active >= 0) setActive(active - 1);
    else if (event.key === 'Escape' && place !== undefined) close();
    else if (event.key === ' ' && event.ctrlKey) open(typed, event.currentTarget.selectionStart);
    else if (event.key === 'Tab' && chosen !== undefined) accept(chosen);
    else if (event.key === 'Enter' && !event.shiftKey) {
      if (chosen === undefined) commit();
      else accept(chosen);
    } else return;
    event.preventDefault();
  };
  const onInput = (event: FormEvent<HTMLTextAreaElement>) => {
    const { value, selectionStart } = event.currentTarget;
    setTyped(value);
    setProblem(undefined);
    open(value, selectionStart);
  };
  const isOpen = place !== undefined && suggestions.length > 0;
  return (
    <div className={styles.box}>
      <TextArea
        ref={input}
        aria-label={t('code.label', 'Filters as code')}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-describedby={`${id}-problem`}
        {...(isOpen ? { 'aria-controls': `${id}-list` } : {})}
        {...(isOpen && active >= 0 ? { 'aria-activedescendant': `${id}-${active}` } : {})}
        className={styles.text}
        rows={Math.min(8, Math.max(2, typed.split('\n').length))}
        spellCheck={false}
        dir="auto"
        value={typed}
        invalid={problem !== undefined}
        placeholder={'status >= 500 and requestedModel in (smart, "my model") and "rate limit"'}
        onChange={onInput}
        onKeyDown={onKeyDown}
        onClick={(event) => open(typed, event.currentTarget.selectionStart)}
        onFocus={(event) => open(typed, event.currentTarget.selectionStart)}
        onBlur={commit}
      />
      <div id={`${id}-problem`} role="status">
        {problem === undefined ? null : <FieldValidationMessage>{problem}</FieldValidationMessage>}
      </div>
      {isOpen ? (
        // The focus stays in the text, which names the active option.
        <div id={`${id}-list`} role="listbox" aria-label={t('code.suggestions', 'Suggestions')} className={styles.list}>
          {suggestions.map((suggestion, at) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text, which names the active option
            <div
              key={`${suggestion.label} ${suggestion.insert}`}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === active}
              className={at === active ? styles.active : styles.option}
              title={suggestion.label}
              onMouseDown={(event) => {
                // Else the text would lose the focus, and count.
                event.preventDefault();
                accept(suggestion);
              }}
            >
              <bdi className={styles.label}>{suggestion.label}</bdi>
              <span className={styles.description}>{suggestion.description}</span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function readable(
  text: string,
  fields: readonly FieldDescription[],
): { readonly read?: Code; readonly failure?: string } {
  try {
    return { read: parseCode(text, fields.length === 0 ? undefined : fields) };
  } catch (error) {
    if (!(error instanceof CodeProblem)) throw error;
    return { failure: `${t('code.at', 'Character')} ${error.from + 1}: ${error.message}` };
  }
}

/** What fits at the cursor: at once what is known, and values when the server has told them. */
function useSuggestions(
  place: Place | undefined,
  { fields, range, context }: Pick<Props, 'fields' | 'range' | 'context'>,
): readonly Completion[] {
  const [values, setValues] = useState<{ readonly of: Place; readonly found: readonly Completion[] }>();
  useEffect(() => {
    if (place?.expected.what !== 'value') return;
    const { field, op } = place.expected;
    let left = false;
    const load = async () => {
      const known = fields.find(({ name }) => name === field);
      const boolean = op === 'exists' ? ['true', 'false'].map((value) => ({ value })) : undefined;
      const found = boolean ?? (await valueLoader(known, range, context)(place.typed));
      if (!left) setValues({ of: place, found: found.map((each) => completionOf(each, op)) });
    };
    const waiting = setTimeout(() => void load(), PAUSE_MILLIS);
    return () => {
      left = true;
      clearTimeout(waiting);
    };
  }, [place, fields, range, context]);
  if (place === undefined) return [];
  const found =
    place.expected.what !== 'value' ? completionsAt(place, fields) : values?.of === place ? values.found : [];
  return found.slice(0, LISTED);
}

const getStyles = (theme: GrafanaTheme2) => {
  const option = {
    display: 'flex',
    gap: theme.spacing(2),
    justifyContent: 'space-between',
    padding: theme.spacing(0.5, 1),
    cursor: 'pointer',
    '&:hover': { background: theme.colors.action.hover },
  };
  return {
    box: css({ position: 'relative', width: '100%', minWidth: 400 }),
    text: css({ fontFamily: theme.typography.fontFamilyMonospace, fontSize: theme.typography.bodySmall.fontSize }),
    list: css({
      position: 'absolute',
      zIndex: theme.zIndex.dropdown,
      minWidth: 300,
      maxWidth: '100%',
      maxHeight: 240,
      overflowY: 'auto',
      background: theme.colors.background.primary,
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      boxShadow: theme.shadows.z3,
    }),
    option: css(option),
    active: css({ ...option, background: theme.colors.action.selected }),
    label: css({
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      fontFamily: theme.typography.fontFamilyMonospace,
    }),
    description: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
  };
};
