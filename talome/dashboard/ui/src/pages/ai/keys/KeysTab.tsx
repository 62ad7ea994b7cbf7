import { useMay } from '@/app/session';
import { KeysList } from './KeysList';
import { Programs } from './Programs';
import { WalletsList } from './WalletsList';
import { WorkspacesList } from './WorkspacesList';
import classes from '../Ai.module.css';

/** Who may use the models from outside the dashboard, and within which budgets. */
export default function KeysTab() {
  const seesWallets = useMay('providers:read');
  return (
    <div className={classes.stack}>
      <KeysList />
      <WorkspacesList />
      {seesWallets && <WalletsList />}
      <Programs />
    </div>
  );
}
