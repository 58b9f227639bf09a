//! Who is let in: from the settings to the doors, and what an operator should know of it before
//! people find out.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use crate::config::Config;
use crate::http::access::{AccessOptions, KeyHash, LimitOptions, Role};

/// Everyone on this machine, and only who has a key as soon as others can reach the server, unless
/// the settings say otherwise.
pub(super) fn options(config: &Config, address: SocketAddr) -> AccessOptions {
    let fits = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let limits = LimitOptions {
        per_second: fits(config.limits.per_second),
        burst: fits(config.limits.burst),
        loopback: config.limits.loopback,
        keys: config.limits.keys,
    };
    AccessOptions {
        keys: keys(config),
        required: asks_for_keys(config, address.ip()),
        trusted_proxies: config.access.trusted_proxies.clone(),
        limits,
    }
}

/// What keeps people out whom the operator may expect; `address` is where the server listens.
pub(super) fn warnings(config: &Config, address: SocketAddr) -> Vec<String> {
    let mut warnings = Vec::new();
    if !asks_for_keys(config, address.ip()) {
        return warnings;
    }
    if keys(config).is_empty() {
        warnings.push(format!(
            "every question will be refused: {address} asks for a key, because it can be reached from elsewhere or \
             access.required says so, and there is none. Make one with `dialogdesk key`, or serve with --public to \
             let everyone ask"
        ));
    }
    if !config.server.origins.is_empty() {
        let sites = config.server.origins.join(", ");
        warnings.push(format!(
            "the chat in pages of {sites} answers only where its script names a key, because this server asks for \
             one: add data-key=\"…\" with a key of access.read_keys there (whoever sees the page can read it), or \
             serve with --public"
        ));
    }
    warnings
}

/// Where a server with these settings will listen; none when that cannot be told beforehand.
pub(super) fn expected_address(config: &Config) -> Option<SocketAddr> {
    config.server.listen.to_socket_addrs().ok()?.next()
}

fn asks_for_keys(config: &Config, ip: IpAddr) -> bool {
    config.access.required.unwrap_or(!ip.is_loopback())
}

fn keys(config: &Config) -> Vec<(Role, KeyHash)> {
    let settings = &config.access;
    let admin_key = config.server.admin_key.as_deref().map(KeyHash::of);
    let admin = admin_key.into_iter().chain(settings.admin_keys.iter().cloned()).map(|key| (Role::Admin, key));
    settings.read_keys.iter().cloned().map(|key| (Role::Reader, key)).chain(admin).collect()
}
