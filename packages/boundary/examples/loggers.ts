import { consoleLogger, winstonLogger } from '@rtcd/boundary';
import winston from 'winston';

const logger = winstonLogger(winston.createLogger({ transports: new winston.transports.Console() }));
logger.info({ sessionID: 'a1' }, 'session opened'); // {"level":"info","message":"session opened","sessionID":"a1"}
consoleLogger().warn({ sessionID: 'a1' }, 'session closed'); // session closed { sessionID: 'a1' }
