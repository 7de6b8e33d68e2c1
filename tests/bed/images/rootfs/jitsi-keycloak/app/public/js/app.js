// The page of jitsi-keycloak: a login by code with PKCE, the answer in the fragment, as keycloak-js does it, and then on
// to the room. What is wrong with the real one is wrong here: the room is taken as an address, and escaped twice.
'use strict';

const form = document.getElementById('login');
const room = document.getElementById('room');
const encoded = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const claims = token => JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));

async function login(endpoint, client) {
    const verifier = encoded(crypto.getRandomValues(new Uint8Array(48)));
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    const state = crypto.randomUUID();
    const nonce = crypto.randomUUID();
    const address = location.href.replace(/#.*/, '');
    localStorage.setItem(`kc-callback-${state}`, JSON.stringify({verifier, nonce, address}));
    const query = new URLSearchParams({client_id: client, redirect_uri: address, state, response_mode: 'fragment',
        response_type: 'code', scope: 'openid', nonce, code_challenge: encoded(digest), code_challenge_method: 'S256'});
    location.href = `${endpoint}/auth?${query}`;
    return new Promise(() => undefined);
}

// The access token; the browser leaves the page where there is none.
async function token(endpoint, client) {
    const came = new URLSearchParams(location.hash.slice(1));
    const kept = localStorage.getItem(`kc-callback-${came.get('state')}`);
    if (!kept) {
        return login(endpoint, client);
    }
    localStorage.removeItem(`kc-callback-${came.get('state')}`);
    const {verifier, nonce, address} = JSON.parse(kept);
    history.replaceState(history.state, '', address);
    if (!came.has('code')) {
        throw new Error(came.get('error_description') || came.get('error'));
    }
    const body = new URLSearchParams({code: came.get('code'), grant_type: 'authorization_code', client_id: client,
        redirect_uri: address, code_verifier: verifier});
    const response = await fetch(`${endpoint}/token`, {method: 'POST', body, credentials: 'include'});
    if (!response.ok) {
        throw new Error(`token endpoint: ${response.status}`);
    }
    const found = await response.json();
    if (claims(found.id_token).nonce !== nonce) {
        throw new Error('nonce');
    }
    return found.access_token;
}

function openJitsi(config) {
    const address = new URL(room.value, config.jitsiUrl);
    address.searchParams.append('jwt', config.token);
    location.href = encodeURI(address.href);
}

async function main() {
    const keycloak = await (await fetch('api/keycloak.json')).json();
    const realm = `${keycloak['auth-server-url'].replace(/\/$/, '')}/realms/${encodeURIComponent(keycloak.realm)}`;
    let access;
    try {
        access = await token(`${realm}/protocol/openid-connect`, keycloak.resource);
    } catch (error) {
        console.error(error);
        alert('Did you configure CORS correctly?');
        return;
    }
    const headers = {Authorization: `Bearer ${access}`};
    let profile;
    try {
        profile = await (await fetch(`${realm}/account`, {headers: {...headers, Accept: 'application/json'}})).json();
    } catch (error) {
        console.error('Failed to load user profile');
        return;
    }
    document.getElementById('name').value = `${profile.firstName} ${profile.lastName}`;
    const avatar = profile.attributes && profile.attributes.avatar;
    const asked = await fetch(`/api/config${avatar ? `?avatar=${encodeURIComponent(avatar[0])}` : ''}`, {headers});
    const config = await asked.json();
    const named = /^\/([^/]+)\/?$/.exec(location.pathname);
    room.value = named ? decodeURIComponent(named[1]) : config.defaultRoom;
    form.addEventListener('submit', event => {
        event.preventDefault();
        openJitsi(config);
    });
    if (named) {
        openJitsi(config);
    }
}

main();
