// A certified OpenID provider (npm: oidc-provider) on a free loopback port, for tests.
//
// It prints its issuer, reads one line of JSON with the client to register,
//
//   {"client": {"client_id": "…", …}, "says_expires_in": 3600}
//
// prints `ready`, and ends when its standard input does. People sign in on its own pages, with any name
// and any password. What is added to the provider:
//
//   GET  /resource/notes    an API, for tokens with the scope `notes`
//   GET  /test/events       what has happened at the token and revocation endpoints, in order
//   POST /test/revoke       takes everything back that was ever granted

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import Provider from 'oidc-provider';

const json = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

let answer = (_, response) => json(response, 503, { error: 'no client is registered yet' });
const server = createServer((request, response) => answer(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit());
console.log(issuer);
const [line] = await once(lines, 'line');
const { client, says_expires_in: saysExpiresIn } = JSON.parse(line);

const provider = new Provider(issuer, {
  clients: [client],
  cookies: { keys: ['for tests only'] },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'notes'],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
  },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} <of the provider>`,
      preferred_username: id,
      email: `${id}@example.com`,
      email_verified: true,
    }),
  }),
  pkce: { required: () => true },
  // Otherwise only for `offline_access`, which only `prompt=consent` is granted.
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 3600,
    Session: 3600,
  },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
  },
});

// Access tokens live for an hour, whatever the token answer says of it: a test of refreshes waits for none to end.
provider.use(async (context, next) => {
  await next();
  if (context.oidc?.route === 'token' && context.body?.expires_in) {
    context.body.expires_in = saysExpiresIn;
  }
});

const events = [];
const grants = new Set();
provider.on('grant.success', ({ oidc }) => {
  grants.add(oidc.entities.Grant.jti);
  events.push(`granted by ${oidc.params.grant_type}`);
});
provider.on('grant.error', ({ oidc }, error) => {
  events.push(`refused ${oidc.params?.grant_type}: ${error.error}`);
});
provider.on('refresh_token.consumed', () => events.push('rotated'));
provider.on('refresh_token.destroyed', () => events.push('refresh token revoked'));
provider.on('revocation.error', (_, error) => events.push(`not revoked: ${error.error}`));

const notes = async (request, response) => {
  const [, value] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const token = value && await provider.AccessToken.find(value);
  if (!token) return json(response, 401, { error: 'invalid_token' });
  if (!token.scopes.has('notes')) return json(response, 403, { error: 'insufficient_scope' });
  return json(response, 200, { account: token.accountId, notes: ['water the plants'] });
};

const revoke = async (_, response) => {
  for (const grant of grants) {
    await provider.AccessToken.revokeByGrantId(grant);
    await provider.RefreshToken.revokeByGrantId(grant);
  }
  json(response, 200, {});
};

const handle = provider.callback();
answer = (request, response) => {
  switch (`${request.method} ${request.url}`) {
    case 'GET /resource/notes': return notes(request, response);
    case 'GET /test/events': return json(response, 200, events);
    case 'POST /test/revoke': return revoke(request, response);
    default: return handle(request, response);
  }
};
console.log('ready');
