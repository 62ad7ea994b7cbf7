import { Input, NativeSelect, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { User } from '@/api/types';
import { RightsPicker } from '@/components/RightsPicker';
import { t } from '@/i18n';
import classes from './People.module.css';
import { givable, type Preset, PRESET_WORDS, PRESETS } from './presets';

export interface Rights {
  role: User['role'];
  preset: Preset;
  permissions: string[];
}

interface Props {
  value: Rights;
  /** Nobody takes the role of administrator from themselves. */
  fixedRole?: boolean;
  onChange: (rights: Rights) => void;
}

/** Administrator or member; and what a member may do, in a word or exactly. */
export function RoleAndRights({ value, fixedRole, onChange }: Props) {
  const tools = useQuery({ queryKey: ['tools'], queryFn: () => unwrap(api.GET('/api/tools')), staleTime: Infinity });
  const offered = givable((tools.data ?? []).map(({ scope }) => scope));
  const setPreset = (preset: Preset) =>
    onChange({ ...value, preset, permissions: preset === 'exact' ? value.permissions : PRESETS[preset] });
  return (
    <>
      <Input.Wrapper label={t('people.role')} labelElement="div">
        <SegmentedControl
          fullWidth
          disabled={fixedRole}
          aria-label={t('people.role')}
          value={value.role}
          onChange={(role) => onChange({ ...value, role: role as User['role'] })}
          data={[
            { value: 'member', label: t('people.member') },
            { value: 'admin', label: t('people.admin') },
          ]}
        />
      </Input.Wrapper>
      {value.role === 'admin' ? (
        <p className={classes.note}>{t('people.roleAdminText')}</p>
      ) : (
        <NativeSelect
          label={t('people.rights')}
          size="md"
          value={value.preset}
          onChange={(event) => setPreset(event.currentTarget.value as Preset)}
          data={Object.entries(PRESET_WORDS).map(([preset, key]) => ({ value: preset, label: t(key) }))}
        />
      )}
      {value.role === 'member' && value.preset === 'exact' && (
        <RightsPicker
          label={t('people.exactRights')}
          offered={offered}
          value={value.permissions}
          onChange={(permissions) => onChange({ ...value, permissions })}
        />
      )}
    </>
  );
}
