import { describe, expect, it } from 'vitest';
import { givable, PRESETS, presetOf } from './presets';

describe('presets', () => {
  it('are found again whatever the order of the rights', () => {
    for (const [name, scopes] of Object.entries(PRESETS)) expect(presetOf([...scopes].reverse())).toBe(name);
    expect(presetOf(['jobs:read'])).toBe('exact');
  });

  it('offer nothing that makes an administrator', () => {
    const scopes = ['users:write', 'audit:read', 'settings:read', 'terminal:host', 'account:read', 'jobs:read', 'jobs:read'];
    expect(givable(scopes)).toEqual(['jobs:read']);
  });
});
