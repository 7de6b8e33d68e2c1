// A login as Jitsi's own page does it, on any page of the site: where to go and which domain come from its config.js.
// Resolves to "refused", "no connection" or the address that the server gave.
window.login = (user, password) => new Promise(resolve => {
    const connection = new Strophe.Connection(config.websocket);
    connection.connect(`${user}@${config.hosts.domain}`, password, status => {
        if (status === Strophe.Status.CONNECTED) {
            resolve(Strophe.getBareJidFromJid(connection.jid));
            connection.disconnect();
        } else if (status === Strophe.Status.AUTHFAIL) {
            resolve('refused');
        } else if (status === Strophe.Status.CONNFAIL) {
            resolve('no connection');
        }
    });
});
