import { createService, loadConfig, openLogging } from 'rtcd';

const { config } = await loadConfig({ path: 'config/config.toml', environment: process.env });
const { logger, close: closeLogging } = await openLogging(config.logger);

const service = createService(config, { logger });
const { url } = await service.start();

const version = await fetch(`${url}/version`);
console.log(version.status); // 200

await service.drain(); // resolves when the last call has ended: here at once
await service.close();
await closeLogging();
