// What is loaded together when connectors are opened.
export { ConnectorPage } from './ConnectorPage';
export { ConnectorsPage } from './ConnectorsPage';
export { NewConnectorPage } from './form/NewConnectorPage';
export { SettingsTab } from './form/SettingsTab';
export { GrantsTab } from './grants/GrantsTab';
export { QueryTab } from './query/QueryTab';
