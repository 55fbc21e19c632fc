//! A scene of many parts, to measure what one recolouring of all of them costs. For benchmarks.

use std::time::Instant;

use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_resource::{PollType, TextureFormat};
use bevy::render::renderer::RenderDevice;

use super::camera::{FOV, Orbit, Pose, SceneCamera};
use super::material::{Lighting, PartMaterial, PartRows, Row, Surface};

/// Many parts that share a mesh and a material, each with its row.
pub struct Many {
    app: App,
    parts: usize,
    round: usize,
}

impl Many {
    /// `parts` boxes in a block, drawn to an image of `size` pixels.
    ///
    /// # Errors
    /// The size is out of bounds.
    pub fn new(parts: usize, size: (u32, u32)) -> Result<Self, String> {
        let mut app = super::picture::windowless(size)?;
        let target = Image::new_target_texture(size.0, size.1, TextureFormat::Rgba8UnormSrgb, None);
        let target = app.world_mut().resource_mut::<Assets<Image>>().add(target);
        app.world_mut().spawn((
            SceneCamera,
            Camera3d::default(),
            RenderTarget::Image(target.into()),
            Projection::Perspective(PerspectiveProjection { fov: FOV, near: 0.1, far: 30_000.0, ..default() }),
            Tonemapping::None,
            Msaa::Off,
        ));
        let pose = Pose { target: Vec3::new(0.0, 24.0, 0.0), yaw_deg: 35.0, pitch_deg: 25.0, distance: 75.0 };
        app.world_mut().resource_mut::<Orbit>().jump(pose);
        let mesh = app.world_mut().resource_mut::<Assets<Mesh>>().add(Cuboid::from_length(1.2));
        let rows = {
            let mut rows = app.world_mut().resource_mut::<PartRows>();
            rows.reserve(parts);
            rows.buffer()
        };
        let material = app.world_mut().resource_mut::<Assets<PartMaterial>>().add(PartMaterial {
            surface: Surface { base: Vec4::new(0.3, 0.31, 0.33, 1.0), params: Vec4::new(0.3, 0.5, 0.0, 0.0) },
            texture: None,
            rows,
            ghost: false,
            over_glass: false,
            flow: false,
            section: false,
            edges: false,
            lighting: Lighting::default(),
            cull: None,
        });
        let side = (parts as f64).cbrt().ceil() as usize;
        for part in 0..parts {
            let [x, y, z] = [part % side, part / side % side, part / side / side];
            let place = Vec3::new(x as f32, y as f32, z as f32) * 2.0 - Vec3::new(side as f32, 0.0, side as f32);
            app.world_mut().spawn((
                Mesh3d(mesh.clone()),
                MeshMaterial3d(material.clone()),
                MeshTag(part as u32),
                Transform::from_translation(place),
            ));
        }
        for _ in 0..3 {
            app.update();
        }
        Ok(Self { app, parts, round: 0 })
    }

    /// One frame: its time until it is drawn, and the main thread's time for giving every part a new colour and handing
    /// the buffer to the renderer, ms.
    pub fn frame(&mut self, recolour: bool) -> (f64, f64) {
        let start = Instant::now();
        if recolour {
            self.round += 1;
            let mut rows = self.app.world_mut().resource_mut::<PartRows>();
            for part in 0..self.parts {
                let shade = ((part + self.round) % 64) as f32 / 64.0;
                rows.set(part, Row { colour: [shade, 1.0 - shade, 0.2, 1.0], ..default() });
            }
        }
        let mut main_thread = start.elapsed();
        self.app.update();
        if recolour {
            main_thread += self.app.world().resource::<PartRows>().upload_time();
        }
        // Without a window nothing waits for what was submitted: the next frame would pay for this one.
        if let Some(render) = self.app.get_sub_app(RenderApp)
            && let Some(device) = render.world().get_resource::<RenderDevice>()
        {
            let _ = device.poll(PollType::wait_indefinitely());
        }
        (start.elapsed().as_secs_f64() * 1_000.0, main_thread.as_secs_f64() * 1_000.0)
    }
}
