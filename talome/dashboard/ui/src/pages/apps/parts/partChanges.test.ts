import { expect, it } from 'vitest';
import type { AppSettings } from '@/domain/apps';
import { NO_CHANGES, partsBody } from './partChanges';

const settings = {
  parts: [
    {
      service: 'web',
      image: 'web:1',
      limits: { memoryBytes: null, cpus: 1 },
      folders: [{ key: 'web:/state', source: '/data/state', target: '/state', readOnly: false, own: true, moved: false }],
    },
  ],
  extraFolders: [{ service: 'web', source: '/srv', target: '/srv', readOnly: true }],
} as unknown as AppSettings;

it('only what differs is sent', () => {
  expect(partsBody(settings, NO_CHANGES)).toEqual({});
  const same = { limits: { web: { memoryBytes: null, cpus: 1 } }, folders: { 'web:/state': '/data/state' }, extra: settings.extraFolders };
  expect(partsBody(settings, same)).toEqual({});
  expect(partsBody(settings, { ...NO_CHANGES, limits: { web: { memoryBytes: 1, cpus: 1 } } })).toEqual({
    limits: { web: { memoryBytes: 1, cpus: 1 } },
  });
});

it('what is emptied goes back to what the app says', () => {
  const emptied = { limits: { web: { memoryBytes: null, cpus: null } }, folders: { 'web:/state': ' ' }, extra: [] };
  expect(partsBody(settings, emptied)).toEqual({ limits: { web: null }, folders: { 'web:/state': null }, extraFolders: [] });
});
