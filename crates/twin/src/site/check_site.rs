//! What can be wrong with a site file beyond single keys: references, repeated ids, TLS and passwords.

use std::collections::BTreeMap;

use super::Protocol;
use super::file::{AssetFile, SiteFile, SourceFile};
use super::problem::{Problems, Spanned};
use super::suggest::nearest;
use super::url::{Address, Scheme};

/// Reports everything that the site file alone can show.
pub(crate) fn check(site: &SiteFile, problems: &mut Problems) {
    unique("source", site.sources.iter().map(|source| &source.id), problems);
    unique("asset", site.assets.iter().map(|asset| &asset.id), problems);
    super::start::check(site, problems);
    super::viewpoint::check(site, problems);
    for source in &site.sources {
        check_source(source, problems);
    }
    // After another mistake the assets may only not have been understood.
    if site.assets.is_empty() && problems.is_empty() {
        problems.warning_with(&site.id.span, "the site has no asset: nothing will be shown", "add an [[asset]]");
    }
    for asset in &site.assets {
        check_time_lapse(site, asset, problems);
        match &asset.source {
            Some(id) => {
                let known = || site.sources.iter().map(|source| source.id.value.as_str());
                if !known().any(|known| known == id.value) {
                    let meant = did_you_mean(&id.value, known());
                    problems.error(&id.span, format!("there is no source \"{}\"{meant}", id.value));
                }
            }
            None if site.sources.len() == 1 => {}
            None if site.sources.is_empty() => {
                problems.error_with(
                    &asset.span,
                    "nothing feeds this asset: the site has no source",
                    "add a [[source]]",
                );
            }
            None => {
                let hint = "name it with `source`";
                problems.error_with(&asset.span, "the site has several sources: which one feeds this asset?", hint);
            }
        }
    }
}

/// Only what is simulated can age faster than the clock.
fn check_time_lapse(site: &SiteFile, asset: &AssetFile, problems: &mut Problems) {
    let source = match &asset.source {
        Some(id) => site.sources.iter().find(|source| source.id.value == id.value),
        None => site.sources.first(),
    };
    // A source that is not there, or whose address cannot be read, is reported by itself.
    let Some((source, address)) = source.and_then(|source| Some((source, Address::parse(&source.url).ok()?))) else {
        return;
    };
    let simulated = source.simulated.as_ref().map_or(address.scheme == Scheme::Sim, |simulated| simulated.value);
    if asset.time_lapse.value > 1.0 && !simulated {
        problems.error_with(
            &asset.time_lapse.span,
            format!("asset \"{}\" is not simulated: it ages as fast as the clock", asset.id.value),
            format!("leave `time_lapse` out, or say `simulated = true` in source \"{}\"", source.id.value),
        );
    }
}

/// `; did you mean "x"?`, or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}

/// Reports ids that occur again.
pub(crate) fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a Spanned<String>>, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for id in ids.filter(|id| !id.value.is_empty()) {
        match seen.get(&id.value) {
            Some(line) => {
                problems.error(&id.span, format!("{what} \"{}\" is already defined in line {line}", id.value));
            }
            None => {
                seen.insert(&id.value, problems.text().line(id.span.start));
            }
        }
    }
}

fn check_source(source: &SourceFile, problems: &mut Problems) {
    let Ok(address) = Address::parse(&source.url) else { return };
    let no_effect = |what: &str| format!("`{what}` has no effect on {}", source.url.value);
    let for_tls =
        [("ca_file", &source.ca_file), ("client_cert", &source.client_cert), ("client_key", &source.client_key)];
    if !address.scheme.tls() {
        for (key, value) in for_tls {
            if let Some(value) = value {
                problems.error_with(&value.span, no_effect(key), "TLS is mqtts://");
            }
        }
        if let Some(first) = source.alpn.first() {
            problems.error_with(&first.span, no_effect("alpn"), "TLS is mqtts://");
        }
    }
    match (&source.client_cert, &source.client_key) {
        (Some(one), None) => problems.error(&one.span, "`client_cert` needs `client_key` too"),
        (None, Some(one)) => problems.error(&one.span, "`client_key` needs `client_cert` too"),
        _ => {}
    }
    let password = source.password_file.as_ref().or(source.password_env.as_ref());
    if let (Some(_), Some(second)) = (&source.password_file, &source.password_env) {
        problems.error(&second.span, "a source has `password_file` or `password_env`, not both");
    }
    if !address.scheme.broker() {
        for (key, value) in [("username", source.username.as_ref()), ("password", password)] {
            if let Some(value) = value {
                problems.error_with(&value.span, no_effect(key), "only brokers ask for one");
            }
        }
    } else if let Some(password) = password {
        if source.username.is_none() && source.protocol != Protocol::V5 {
            let hint = "MQTT 3.1.1 allows no password without a user name: add `username`, or protocol = \"5\"";
            problems.error_with(&password.span, "there is a password and no `username`", hint);
        }
        if !address.scheme.tls() && !address.is_loopback() {
            let hint = "use mqtts://";
            problems.warning_with(&source.url.span, "the password crosses the network unencrypted", hint);
        }
    }
    if let (Scheme::Sim, Some(Spanned { value: false, span })) = (address.scheme, &source.simulated) {
        problems.error(span, "a sim: source is always simulated");
    }
}
