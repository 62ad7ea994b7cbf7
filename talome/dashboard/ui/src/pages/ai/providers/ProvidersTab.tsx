import { EndpointsList } from './EndpointsList';
import { ProviderKeysList } from './ProviderKeysList';
import classes from '../Ai.module.css';

/** What answers the questions of the house: its own servers of models first, then providers on the internet. */
export default function ProvidersTab() {
  return (
    <div className={classes.stack}>
      <EndpointsList />
      <ProviderKeysList />
    </div>
  );
}
