import { expect, it } from 'vitest';
import type { AppPort, FormField } from '@/domain/apps';
import { missing, portComplaints, shownAnswer, wishedPorts } from './answers';

const field = (name: string, more: Partial<FormField> = {}) => ({ name, label: name, ...more }) as FormField;

it('asks for what is needed and has no answer yet', () => {
  const fields = [field('a', { required: true }), field('b', { required: true, default: 'x' }), field('c')];
  expect(missing(fields, {})).toEqual(['a']);
  expect(missing(fields, { a: 'y', b: ' ' })).toEqual(['b']);
  expect(shownAnswer(field('b', { default: 'x' }), { b: '' })).toBe('');
});

it('finds ports that cannot be', () => {
  const ports = [
    { key: 'web/80/tcp', port: 8080, protocol: 'tcp' },
    { key: 'dns/53/tcp', port: 53, protocol: 'tcp' },
    { key: 'dns/53/udp', port: 53, protocol: 'udp' },
  ] as AppPort[];
  expect(portComplaints(ports, {})).toEqual({});
  expect(portComplaints(ports, { 'web/80/tcp': '70000' })).toEqual({ 'web/80/tcp': 'ports.bad' });
  expect(Object.keys(portComplaints(ports, { 'web/80/tcp': '53' }))).toEqual(['web/80/tcp', 'dns/53/tcp']);
  expect(wishedPorts({ 'web/80/tcp': ' 81 ', 'dns/53/tcp': 'x' })).toEqual({ 'web/80/tcp': 81 });
});
