//! glTF extensions: which the loader accepts, which can be left out, what is lost with them, and what to do about the
//! rest.
//!
//! "Accepts" is what gltf-json 1.4.1 lists in `ENABLED_EXTENSIONS` under the features that Bevy 0.19 turns on; it
//! refuses everything else that a file requires, also what it would understand (`KHR_materials_volume`).

use gltf::json::Root;

use super::decode::HANDLED;
use super::error::{ErrorKind, ModelError};
use super::head::Head;

/// Accepted in `extensionsRequired` by the loader. Not all of it is drawn: see [`loss`].
const ACCEPTED: &[&str] = &[
    "KHR_lights_punctual",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_texture_transform",
];

/// Only looks: a file that requires one is drawn without it rather than not at all.
const LOOKS: &[&str] = &[
    "KHR_materials_anisotropy",
    "KHR_materials_clearcoat",
    "KHR_materials_diffuse_transmission",
    "KHR_materials_dispersion",
    "KHR_materials_iridescence",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_variants",
    "KHR_materials_volume",
    "KHR_xmp_json_ld",
];

/// What to do about a required extension that cannot be read.
fn remedy(name: &str) -> &'static str {
    match name {
        "KHR_materials_pbrSpecularGlossiness" => "convert it: `npx @gltf-transform/cli metalrough in.glb out.glb`",
        "KHR_animation_pointer" | "KHR_interactivity" => "export without animation",
        _ => "export without it",
    }
}

/// What is lost with an extension that only makes surfaces look better.
const PLAINER: &str = "not read: surfaces look plainer than they were made";

/// What a used extension that is not refused silently loses, if that is worth a word.
fn loss(name: &str) -> Option<&'static str> {
    Some(match name {
        // Told with their names.
        "KHR_materials_variants" => return None,
        "KHR_node_visibility" => "nodes that it hides are shown",
        "EXT_mesh_features" | "EXT_structural_metadata" => {
            "the parts inside its meshes are not told apart; export one node per part"
        }
        "KHR_animation_pointer" | "KHR_interactivity" => "it is not played",
        "KHR_lights_punctual" => "the lights of the model are not lit; the viewer has its own",
        "KHR_materials_emissive_strength" => "nothing glows",
        "KHR_materials_transmission" => "what light shines through is drawn opaque",
        "KHR_materials_unlit" => "surfaces without shading are shaded",
        "KHR_materials_ior" => PLAINER,
        "KHR_texture_transform" => "textures are drawn as if they were not moved, turned or scaled",
        // Who made it: nothing that is drawn.
        "KHR_xmp_json_ld" => return None,
        _ if LOOKS.contains(&name) => PLAINER,
        _ => return None,
    })
}

/// Refuses textures without an image.
pub(super) fn textures_have_sources(root: &Root) -> Result<(), ModelError> {
    /// What the glTF library reads for a missing index.
    const MISSING: usize = u32::MAX as usize;
    let Some(t) = root.textures.iter().position(|t| t.source.value() == MISSING) else { return Ok(()) };
    Err(ModelError::new(ErrorKind::Image, format!("textures[{t}].source"), "the texture has no image")
        .with_remedy("export the model again with its textures"))
}

/// What comes of the extensions of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// To say.
    pub warnings: Vec<String>,
    /// To take out of `extensionsRequired` before the loader sees the file.
    pub dropped: Vec<String>,
}

/// Judges the extensions of a file.
pub(super) fn check(head: &Head) -> Result<Verdict, ModelError> {
    let mut verdict = Verdict::default();
    let mut cannot = Vec::new();
    for name in &head.required {
        if ACCEPTED.contains(&name.as_str()) {
            continue;
        }
        if LOOKS.contains(&name.as_str()) {
            if name != "KHR_materials_variants" {
                verdict.warnings.push(format!("{name} is required and {PLAINER}"));
            }
            verdict.dropped.push(name.clone());
        } else if HANDLED.contains(&name.as_str()) {
            // Decoded before the loader sees the file, or required and not used.
            verdict.dropped.push(name.clone());
        } else {
            cannot.push(name.as_str());
        }
    }
    if !cannot.is_empty() {
        let are = if cannot.len() == 1 { "is" } else { "are" };
        let what = format!("the model requires {}, which {are} not read", cannot.join(", "));
        let mut remedies: Vec<&str> = cannot.iter().map(|name| remedy(name)).collect();
        remedies.sort_unstable();
        remedies.dedup();
        return Err(ModelError::new(ErrorKind::Extension, "extensionsRequired", what).with_remedy(remedies.join("; ")));
    }
    for name in &head.used {
        if !verdict.dropped.contains(name)
            && let Some(loss) = loss(name)
        {
            verdict.warnings.push(format!("{name}: {loss}"));
        }
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(used: &[&str], required: &[&str]) -> Head {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Head { used: own(used), required: own(required), ..Head::default() }
    }

    #[test]
    fn what_the_loader_accepts_is_left_as_it_is() {
        assert_eq!(check(&head(ACCEPTED, ACCEPTED)).unwrap().dropped, Vec::<String>::new());
    }

    #[test]
    fn what_is_accepted_and_not_drawn_is_said() {
        for (name, says) in [
            ("KHR_lights_punctual", "not lit"),
            ("KHR_materials_clearcoat", "plainer"),
            ("KHR_materials_emissive_strength", "nothing glows"),
            ("KHR_materials_ior", "plainer"),
            ("KHR_materials_transmission", "opaque"),
            ("KHR_materials_unlit", "shaded"),
            ("KHR_texture_transform", "not moved"),
        ] {
            let v = check(&head(&[name], &[])).unwrap();
            assert!(matches!(&v.warnings[..], [line] if line.contains(name) && line.contains(says)), "{v:?}");
        }
    }

    #[test]
    fn what_nothing_reads_is_refused_with_its_remedy() {
        for (name, says) in [("KHR_interactivity", "without animation"), ("VENDOR_something", "without it")] {
            let e = check(&head(&[name], &[name])).unwrap_err();
            assert_eq!(e.kind, ErrorKind::Extension);
            assert!(e.what.contains(name) && e.remedy.contains(says), "{e} / {}", e.remedy);
        }
    }

    #[test]
    fn all_that_cannot_be_read_are_named_at_once() {
        let both = ["KHR_interactivity", "VENDOR_something"];
        let e = check(&head(&both, &both)).unwrap_err();
        assert!(both.iter().all(|name| e.what.contains(name)));
    }

    #[test]
    fn looks_are_left_out_and_said() {
        let v = check(&head(&["KHR_materials_clearcoat"], &["KHR_materials_clearcoat"])).unwrap();
        assert_eq!(v.dropped, ["KHR_materials_clearcoat"]);
        assert_eq!(v.warnings.len(), 1);
    }

    #[test]
    fn what_is_decoded_is_taken_out_without_a_word() {
        let v = check(&head(HANDLED, HANDLED)).unwrap();
        assert_eq!((v.dropped.len(), v.warnings.len()), (HANDLED.len(), 0));
    }

    #[test]
    fn silent_losses_are_said() {
        let v = check(&head(&["KHR_node_visibility"], &[])).unwrap();
        assert!(v.warnings[0].contains("nodes that it hides are shown"));
    }
}
