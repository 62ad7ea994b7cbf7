import { KeysList } from './KeysList';
import { Programs } from './Programs';
import { WorkspacesList } from './WorkspacesList';
import classes from '../Ai.module.css';

/** Who may use the models from outside the dashboard, and within which budgets. */
export default function KeysTab() {
  return (
    <div className={classes.stack}>
      <KeysList />
      <WorkspacesList />
      <Programs />
    </div>
  );
}
