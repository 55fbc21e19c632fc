//! What one step of a walk through the turbine costs, outside, in the tower and in the nacelle, and a map of the nacelle:
//! `cargo bench -p twinscope-walk --profile dev`.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

#[expect(dead_code, reason = "the soup is for tests")]
#[path = "../tests/models.rs"]
mod models;

use std::time::Instant;

use glam::{Vec2, Vec3};
use twinscope_walk::{Intent, Plan, Walker};

fn main() {
    let start = Instant::now();
    let (world, _) = models::turbine(0.0);
    let triangles: usize = world.solids().iter().map(|solid| solid.shape.triangles()).sum();
    println!("read and built: {triangles} triangles in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    for (name, place) in [
        ("on the ground", Vec3::new(0.0, 0.0, 12.0)),
        ("in the tower", Vec3::new(-1.4, 1.2, 0.0)),
        ("in the nacelle", Vec3::new(1.2, 108.5, 1.98)),
    ] {
        let Some(mut walker) = Walker::new(&world, place, 0.0, 1.65) else { continue };
        let mut times: Vec<f64> = (0..4_000_u32)
            .map(|step| {
                walker.look(if step % 60 < 20 { 0.05 } else { 0.0 }, 0.0);
                let start = Instant::now();
                walker.step(&world, &Intent { go: Vec2::Y, ..Intent::default() }, 1.0 / 60.0);
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("step {name}: median {:.0} µs, 99 % below {:.0} µs", at(0.5), at(0.99));
    }
    let start = Instant::now();
    let plan = Plan::of(&world, Vec3::new(1.2, 108.5, 1.98), 14.0);
    println!(
        "plan of the nacelle: {} lines, {} triangles of floor in {:.1} ms",
        plan.outlines.len(),
        plan.floors.len(),
        start.elapsed().as_secs_f64() * 1e3
    );
}
