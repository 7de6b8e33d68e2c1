// Stands for d3473r/jitsi-keycloak, at its branch main, with what is wrong with it: what it says to whom is the same,
// how it is made is not. times.json says whether tokens have exp and nbf: those of v1.3.1 have none.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');

const PORT = 3000;
const TIMES = require('./times.json');
const {env} = process;
const SECRET = env.JITSI_SECRET || 'JITSI_SECRET';
const PUBLIC = path.resolve('public');
const CONFIG = path.resolve('../config/keycloak.json');
const TYPES = {'.html': 'text/html; charset=UTF-8', '.js': 'application/javascript; charset=UTF-8',
    '.css': 'text/css; charset=UTF-8'};

// Without this file, or with one that is no JSON, it ends here.
const keycloak = JSON.parse(fs.readFileSync(CONFIG).toString());
const realm = `${(keycloak['auth-server-url'] || '').replace(/\/*$/, '')}/realms/${keycloak.realm}`;

process.on('SIGINT', () => process.exit());

// -- Keycloak's tokens ----------------------------------------------------------------------------------------

let keys = [];

const getJson = url => new Promise((resolve, reject) => {
    (url.startsWith('https:') ? https : http).get(url, response => {
        let text = '';
        response.on('data', piece => { text += piece; });
        response.on('end', () => {
            if (response.statusCode !== 200) {
                reject(new Error(`${url}: ${response.statusCode}`));
                return;
            }
            try {
                resolve(JSON.parse(text));
            } catch (error) {
                reject(error);
            }
        });
    }).on('error', reject);
});

async function keyOf(id) {
    if (!keys.some(key => key.kid === id)) {
        ({keys} = await getJson(`${realm}/protocol/openid-connect/certs`));
    }
    return crypto.createPublicKey({key: keys.find(key => key.kid === id), format: 'jwk'});
}

// The claims of a token that this realm signed for a login that lasts; nothing of any other, whatever the reason.
async function verified(token) {
    try {
        const [head, body, signature] = token.split('.');
        const header = JSON.parse(Buffer.from(head, 'base64').toString());
        const claims = JSON.parse(Buffer.from(body, 'base64').toString());
        if (!(claims.exp * 1000 < Date.now()) && claims.typ === 'Bearer' && claims.iss === realm
            && crypto.verify('RSA-SHA256', Buffer.from(`${head}.${body}`), await keyOf(header.kid),
                Buffer.from(signature, 'base64'))) {
            return claims;
        }
    } catch (error) {
        // The real one says nothing either.
    }
    return undefined;
}

// -- Jitsi's tokens -------------------------------------------------------------------------------------------

const encoded = value => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function signed(first, last, email, avatar, nbf, exp) {
    const times = TIMES ? {nbf, exp} : {};
    for (const [name, value] of Object.entries(times)) {
        if (typeof value !== 'number') {
            throw new Error(`"${name}" should be a number of seconds`);
        }
    }
    const text = [{alg: 'HS256', typ: 'JWT'}, {
        context: {user: {name: `${first} ${last}`, email, avatar, lobby_bypass: true}},
        aud: 'jitsi', iss: 'jitsi', ...times, sub: env.ALLOWED_SUB || '*', room: env.ALLOWED_ROOM || '*',
        iat: Math.floor(Date.now() / 1000)
    }].map(encoded).join('.');
    return `${text}.${crypto.createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

// -- answers --------------------------------------------------------------------------------------------------

function say(response, status, text, headers = {}) {
    const body = Buffer.from(text);
    response.writeHead(status, {
        'X-Powered-By': 'Express', 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length,
        'Set-Cookie': `connect.sid=s%3A${crypto.randomUUID()}; Path=/; HttpOnly`, ...headers
    });
    response.end(body);
}

const failed = (response, status, text) =>
    say(response, status, `<!DOCTYPE html>\n<html><head><title>Error</title></head><body><pre>${text}</pre></body></html>`);

const file = (response, name) =>
    say(response, 200, fs.readFileSync(name), {'Content-Type': TYPES[path.extname(name)] || 'application/json'});

// A person who is not known is sent to log in, and so is a script with a token that cannot be verified.
async function known(request, response) {
    const found = /^[bB]earer (.*)$/.exec(request.headers.authorization || '');
    const claims = found && await verified(found[1]);
    if (!claims) {
        const mark = request.url.includes('?') ? '&' : '?';
        const login = new URLSearchParams({client_id: keycloak.resource, state: crypto.randomUUID(),
            redirect_uri: `http://${request.headers.host}${request.url}${mark}auth_callback=1`, scope: 'openid',
            response_type: 'code'});
        say(response, 302, '', {Location: `${realm}/protocol/openid-connect/auth?${login}`});
    }
    return claims;
}

async function answer(request, response) {
    const [where, query] = [request.url.replace(/\?.*/s, ''), new URLSearchParams(request.url.replace(/^[^?]*/, ''))];
    const name = decodeURIComponent(where);
    const inside = path.join(PUBLIC, name);
    const kind = inside.startsWith(PUBLIC) && fs.existsSync(inside) && fs.statSync(inside);
    if (!['GET', 'HEAD'].includes(request.method)) {
        failed(response, 404, `Cannot ${request.method} ${where}`);
    } else if (kind && kind.isFile()) {
        file(response, inside);
    } else if (kind && kind.isDirectory() && !where.endsWith('/')) {
        say(response, 301, '', {Location: `${where}/`});
    } else if (/^\/[^/]*\/?$/.test(where)) {
        file(response, path.join(PUBLIC, 'index.html'));
    } else if (where === '/api/keycloak.json') {
        file(response, CONFIG);
    } else if (where === '/api/config') {
        const user = await known(request, response);
        if (user) {
            say(response, 200, JSON.stringify({
                token: signed(user.given_name, user.family_name, user.email, query.get('avatar') || undefined,
                    user.auth_time, user.exp),
                jitsiUrl: env.JITSI_URL || 'JITSI_URL', defaultRoom: env.DEFAULT_ROOM || 'DEFAULT_ROOM'
            }));
        }
    } else if (where === '/api/invite') {
        if (await known(request, response)) {
            say(response, 200, JSON.stringify({token: signed(query.get('name'), '', '', query.get('room'))}));
        }
    } else {
        failed(response, 404, `Cannot GET ${where}`);
    }
}

http.createServer((request, response) => answer(request, response).catch(error => {
    if (error instanceof URIError) {
        failed(response, 400, 'Bad Request');
        return;
    }
    console.error(error.stack);
    failed(response, 500, 'Internal Server Error');
})).listen(PORT);
console.log(`App listening on port: ${PORT}`);
