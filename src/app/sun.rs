//! The lamp that casts shadows, and what the cameras do for edges and corners: as the preset allows.
//! In `low` there is no lamp at all: the shaders light by a formula, and no pass is spent on shadows.

use bevy::anti_alias::fxaa::Fxaa;
use bevy::camera::CameraUpdateSystems;
use bevy::light::{CascadeShadowConfigBuilder, DirectionalLightShadowMap, NotShadowCaster};
use bevy::pbr::{ScreenSpaceAmbientOcclusion, ScreenSpaceAmbientOcclusionQualityLevel};
use bevy::prelude::*;
use bevy_egui::PrimaryEguiContext;

use super::camera::{Orbit, SceneCamera};
use super::daylight::{Daylight, Light};
use super::material::PartMaterial;
use super::panels::Panels;
use super::quality::Quality;
use crate::view::quality::Preset;

/// Sets the lamp and the cameras.
pub struct SunPlugin;

impl Plugin for SunPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, (set_lamp, set_cameras))
            .add_systems(PostUpdate, (reach, glass_casts_nothing).before(CameraUpdateSystems));
    }
}

/// Casts shadows.
#[derive(Component)]
struct Sun;

/// Cascades and texels a side of a preset's shadows.
const fn shadows(preset: Preset) -> Option<(usize, usize)> {
    match preset {
        Preset::Low => None,
        Preset::Medium => Some((2, 2_048)),
        Preset::High => Some((3, 4_096)),
    }
}

fn set_lamp(
    mut commands: Commands,
    quality: Res<Quality>,
    daylight: Res<Daylight>,
    mut map: ResMut<DirectionalLightShadowMap>,
    mut suns: Query<(Entity, &mut Transform), With<Sun>>,
) {
    if !quality.is_changed() && !daylight.is_changed() {
        return;
    }
    let place = Transform::default().looking_to(-Light::of(*daylight).towards, Vec3::Y);
    match (shadows(quality.preset), suns.iter_mut().next()) {
        (None, Some((sun, _))) => commands.entity(sun).despawn(),
        (None, None) => {}
        (Some((_, texels)), sun) => {
            map.size = texels;
            match sun {
                Some((_, mut transform)) => *transform = place,
                None => {
                    let light = DirectionalLight { shadow_maps_enabled: true, ..default() };
                    commands.spawn((Sun, Name::new("Sun"), light, place));
                }
            }
        }
    }
}

/// Shadows reach as far as the picture does: sharp where the camera is near.
fn reach(
    mut commands: Commands,
    quality: Res<Quality>,
    orbit: Res<Orbit>,
    suns: Query<Entity, With<Sun>>,
    mut set: Local<Option<(Entity, i32, Preset)>>,
) {
    let (Some(sun), Some((cascades, _))) = (suns.iter().next(), shadows(quality.preset)) else { return };
    // In steps of a fifth, so that a zoom does not build cascades in every frame.
    let step = (orbit.pose.distance.max(0.05).ln() * 5.0).round() as i32;
    if *set == Some((sun, step, quality.preset)) {
        return;
    }
    *set = Some((sun, step, quality.preset));
    let distance = (step as f32 / 5.0).exp();
    let config = CascadeShadowConfigBuilder {
        num_cascades: cascades,
        minimum_distance: distance * 0.05,
        maximum_distance: distance * 4.0,
        first_cascade_far_bound: distance * if cascades > 2 { 1.15 } else { 1.5 },
        overlap_proportion: 0.15,
    };
    commands.entity(sun).insert(config.build());
}

/// Light goes through glass.
fn glass_casts_nothing(
    mut commands: Commands,
    quality: Res<Quality>,
    materials: Res<Assets<PartMaterial>>,
    dressed: Query<(Entity, &MeshMaterial3d<PartMaterial>, Has<NotShadowCaster>)>,
    changed: Query<(), Changed<MeshMaterial3d<PartMaterial>>>,
) {
    if shadows(quality.preset).is_none() || (!quality.is_changed() && changed.is_empty()) {
        return;
    }
    for (entity, material, spared) in &dressed {
        let glass = materials.get(&material.0).is_some_and(|material| material.ghost);
        match (glass, spared) {
            (true, false) => drop(commands.entity(entity).insert(NotShadowCaster)),
            (false, true) => drop(commands.entity(entity).remove::<NotShadowCaster>()),
            _ => {}
        }
    }
}

/// Smooth edges in `medium`; occlusion of corners in `high`, which wants single samples. What is cut has no corners:
/// the face of a cut is drawn at the depth of the inner faces behind it, where occlusion would darken it.
fn set_cameras(
    mut commands: Commands,
    quality: Res<Quality>,
    mut cameras: Query<(Entity, &mut Msaa, Has<SceneCamera>), Or<(With<SceneCamera>, With<PrimaryEguiContext>)>>,
    added: Query<(), Added<SceneCamera>>,
    panels: Res<Panels>,
    mut before: Local<bool>,
) {
    let cut = panels.ui.sight.section.is_some();
    if !quality.is_changed() && added.is_empty() && *before == cut {
        return;
    }
    *before = cut;
    // Both cameras draw into one picture: their samples must be the same.
    let msaa = if quality.preset == Preset::Medium { Msaa::Sample4 } else { Msaa::Off };
    for (entity, mut samples, scene) in &mut cameras {
        samples.set_if_neq(msaa);
        if !scene {
            continue;
        }
        if quality.preset == Preset::High {
            commands.entity(entity).insert(Fxaa::default());
        } else {
            commands.entity(entity).remove::<Fxaa>();
        }
        if quality.preset == Preset::High && !cut {
            let corners = ScreenSpaceAmbientOcclusion {
                quality_level: ScreenSpaceAmbientOcclusionQualityLevel::High,
                ..default()
            };
            commands.entity(entity).insert(corners);
        } else {
            commands.entity(entity).remove::<(
                ScreenSpaceAmbientOcclusion,
                bevy::core_pipeline::prepass::DepthPrepass,
                bevy::core_pipeline::prepass::NormalPrepass,
            )>();
        }
    }
}
