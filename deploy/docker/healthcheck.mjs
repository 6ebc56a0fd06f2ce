import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

// Asks the service in this container whether it is up; exit code 0 says yes. Where it listens is read from the environment:
// a container that says so in its config file needs a health check of its own.
const { RTCD_API_HTTP_LISTENADDRESS: listenAddress = ':8045', RTCD_API_HTTP_TLS_ENABLE: tls } = process.env;
const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(listenAddress);
const request = ['1', 't', 'T', 'true', 'True', 'TRUE'].includes(tls) ? requestHttps : requestHttp;
const unspecified = ['', '0.0.0.0', '::'];

request({
  host: unspecified.includes(host) ? 'localhost' : host,
  port,
  path: '/healthz',
  rejectUnauthorized: false, // The certificate is for the name that clients use.
  timeout: 4000,
})
  .on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end();
