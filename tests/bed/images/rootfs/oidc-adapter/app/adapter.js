// Stands for jitsi-contrib's jitsi-oidc-adapter: what it says to whom is the same, how it is made is not.
'use strict';

const crypto = require('crypto');
const http = require('http');
const https = require('https');
const tls = require('tls');

const {env} = process;
const ISSUER = env.OIDC_ISSUER_URL || 'https://ucs-sso-ng.mydomain.corp/realms/ucs';
const CLIENT = env.OIDC_CLIENT_ID || 'jitsi';
const CLIENT_SECRET = env.OIDC_CLIENT_SECRET || '';
const SCOPES = env.OIDC_SCOPES || 'openid profile email';
const ALGORITHM = env.JWT_ALG || 'HS256';
const HASH = env.JWT_HASH || 'SHA-256';
const APP = env.JWT_APP_ID || 'myappid';
const SECRET = env.JWT_APP_SECRET || 'myappsecret';
const LIFE = Number(env.JWT_EXP_SECOND || 10800);
const HOST = env.HOSTNAME || '127.0.0.1';
const PORT = Number(env.PORT || 9000);
const RETURNS = (env.AUTO_RETURN_TO_APP || '').toLowerCase() === 'true';

const SCHEMES = {ios: 'org.jitsi.meet', android: 'intent', electron: 'jitsi-meet', browser: 'https'};
const HASHES = {HS256: 'SHA-256', HS384: 'SHA-384', HS512: 'SHA-512'};
let endpoints;

// Deno takes no certificate of an authority for a server's own, a trusted one neither.
const agent = new https.Agent({
    checkServerIdentity: (host, certificate) => certificate.ca
        ? new Error('invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))')
        : tls.checkServerIdentity(host, certificate)
});

const fetched = (url, options = {}, body = '') => new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const request = (secure ? https : http).request(url, {...options, ...secure ? {agent} : {}}, response => {
        let text = '';
        response.on('data', piece => { text += piece; });
        response.on('end', () => {
            try {
                resolve({ok: response.statusCode < 300, json: JSON.parse(text || 'null')});
            } catch (error) {
                reject(error);
            }
        });
    });
    request.on('error', reject);
    request.end(body);
});

// Asked at the start, and again for each person as long as there was no answer.
async function discover() {
    try {
        const {ok, json} = await fetched(`${ISSUER}/.well-known/openid-configuration`);
        if (!ok) {
            throw new Error('Failed to get endpoints');
        }
        const found = {auth: json.authorization_endpoint, token: json.token_endpoint, userinfo: json.userinfo_endpoint};
        if (!found.auth || !found.token || !found.userinfo) {
            throw new Error('Missing endpoint');
        }
        endpoints = found;
        console.log(`AUTH_ENDPOINT: ${found.auth}`);
        console.log(`TOKEN_ENDPOINT: ${found.token}`);
        console.log(`USERINFO_ENDPOINT: ${found.userinfo}`);
    } catch (error) {
        console.error(error);
    }
}

async function known() {
    if (!endpoints) {
        await discover();
    }
    if (!endpoints) {
        throw new Error('Missing authentication endpoint');
    }
    return endpoints;
}

function needed(value, what) {
    if (!value) {
        throw new Error(`${what} not found`);
    }
    return value;
}

async function auth(host, query) {
    const state = needed(query.get('state'), 'state');
    const asked = new URLSearchParams({client_id: CLIENT, response_type: 'code', scope: SCOPES, prompt: 'consent',
        redirect_uri: `https://${host}/oidc/tokenize`, state});
    return {status: 302, headers: {Location: new URL(`${(await known()).auth}?${asked}`).href}};
}

async function accessToken(host, code, state) {
    const headers = {Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8'};
    const form = new URLSearchParams({grant_type: 'authorization_code', redirect_uri: `https://${host}/oidc/tokenize`,
        code, state});
    if (CLIENT_SECRET) {
        headers.Authorization = `Basic ${Buffer.from(`${CLIENT}:${CLIENT_SECRET}`).toString('base64')}`;
    } else {
        form.append('client_id', CLIENT);
    }
    const {json} = await fetched((await known()).token, {method: 'POST', headers}, form.toString());
    if (!json.access_token) {
        throw new Error('access-token request failed');
    }
    return json.access_token;
}

async function userOf(access) {
    const headers = {Accept: 'application/json', Authorization: `Bearer ${access}`};
    const {json} = await fetched((await known()).userinfo, {headers});
    if (!json.sub) {
        throw new Error('No user info');
    }
    return json;
}

const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const trimmed = (...values) => values.map(value => (value || '').trim()).find(value => value) || '';

function signed(sub, room, user) {
    if (HASHES[ALGORITHM] !== HASH) {
        throw new Error(`The jwt's alg '${ALGORITHM}' does not match the key's algorithm.`);
    }
    const now = Math.round(Date.now() / 1000); // so that it may begin half a second from now
    const text = [{typ: 'JWT', alg: ALGORITHM}, {
        aud: APP, iss: APP, sub, room, iat: now, nbf: now, exp: now + LIFE, context: {user: {
            id: user.sub, name: trimmed(user.name, user.preferred_username), email: trimmed(user.email),
            lobby_bypass: true, security_bypass: true}}
    }].map(encoded).join('.');
    return `${text}.${crypto.createHmac(HASH.replace('-', ''), SECRET).update(text).digest('base64url')}`;
}

const overrides = state => Object.entries(state)
    .filter(([name]) => /^(config|interfaceConfig|iceServers)\./.test(name))
    .map(([name, value]) => `&${encodeURIComponent(name)}=${encodeURIComponent(JSON.stringify(value))}`).join('');

async function tokenize(host, query) {
    const code = needed(query.get('code'), 'code');
    const state = JSON.parse(needed(query.get('state'), 'state'));
    const tenant = state.tenant || '';
    const sub = tenant.replace(/\/+$/, '').split('/').pop() || host;
    const room = needed(state.room, 'room');
    const client = ['ios', 'android', 'electron'].find(name => state[name]) || 'browser';
    const jwt = signed(sub, room, await userOf(await accessToken(host, code, query.get('state'))));
    const place = `${host}/${tenant}/${room}`.replace(/\/+/g, '/');
    const end = client === 'android' ? '#Intent;scheme=org.jitsi.meet;package=org.jitsi.meet;end' : '';
    const uri = `${SCHEMES[client]}://${place}?jwt=${jwt}#adapter=true${overrides(state)}${end}`;
    if (client === 'browser') {
        return {status: 302, headers: {Location: new URL(uri).href}};
    }
    const headers = {'Content-Type': 'text/html', ...RETURNS ? {Refresh: `0; url=${uri}`} : {}};
    return {status: 200, headers, body: `<!DOCTYPE html><title>Meeting Authentication</title><a href="${uri}">Finish</a>`};
}

async function answer(request) {
    const url = new URL(request.url, 'http://localhost');
    if (request.method !== 'GET') {
        return {status: 405};
    }
    if (url.pathname === '/health' || url.pathname === '/oidc/health') {
        return {status: 200, body: 'healthy'};
    }
    const page = {'/oidc/auth': auth, '/oidc/tokenize': tokenize}[url.pathname];
    if (!page) {
        return {status: 404};
    }
    try {
        return await page(needed(request.headers.host, 'host'), url.searchParams);
    } catch (error) {
        console.error(error);
        return {status: 401};
    }
}

async function main() {
    await discover();
    const told = {OIDC_ISSUER_URL: ISSUER, OIDC_CLIENT_ID: CLIENT, OIDC_SCOPES: SCOPES, JWT_ALG: ALGORITHM,
        OIDC_CLIENT_SECRET: CLIENT_SECRET ? '*** masked ***' : 'not used', JWT_HASH: HASH, JWT_APP_ID: APP,
        JWT_APP_SECRET: '*** masked ***', JWT_EXP_SECOND: LIFE, HOSTNAME: HOST, PORT, AUTO_RETURN_TO_APP: RETURNS};
    Object.entries(told).forEach(([name, value]) => console.log(`${name}: ${value}`));
    const server = http.createServer(async (request, response) => {
        const {status, headers = {}, body = ''} = await answer(request);
        response.writeHead(status, headers);
        response.end(body);
    });
    server.listen(PORT, HOST, () => console.log(`Listening on http://${HOST}:${server.address().port}/`));
    ['SIGINT', 'SIGTERM'].forEach(signal => process.on(signal, () => {
        server.close();
        server.closeIdleConnections();
    }));
}

main();
