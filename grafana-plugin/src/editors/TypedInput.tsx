import { Input } from '@grafana/ui';
import React, { type KeyboardEvent, useEffect, useState } from 'react';

interface Props {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly width?: number;
  readonly placeholder?: string;
  readonly type?: 'text' | 'number';
  readonly onCommit: (value: string) => void;
}

/** A text that counts when one leaves it or presses Enter, so that no query runs for half a word. */
export function TypedInput({ id, label, value, width = 30, placeholder, type = 'text', onCommit }: Props) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const commit = () => {
    if (typed !== value) onCommit(typed);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') commit();
  };
  return (
    <Input
      id={id}
      aria-label={label}
      type={type}
      width={width}
      value={typed}
      placeholder={placeholder}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
