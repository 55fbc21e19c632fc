//! Tests of site and type files: what they accept, what they report and where.

mod fuzz;
mod mistakes;
mod resolving;
mod schema;
mod shipped;

use super::{ModelNode, ModelNodes, Problem};

/// A model from indented lines of `Name` or `Name [part_id]`, two spaces a level.
pub(super) fn model(tree: &str) -> ModelNodes {
    let mut nodes: Vec<ModelNode> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let (name, id) = match line.trim().split_once(" [") {
            Some((name, id)) => (name, Some(id.trim_end_matches(']').to_owned())),
            None => (line.trim(), None),
        };
        open.truncate(depth);
        let parent = open.last().copied();
        let path = parent.map_or_else(|| name.to_owned(), |parent| format!("{}/{name}", nodes[parent].path));
        open.push(nodes.len());
        nodes.push(ModelNode { path, part_id: id, parent });
    }
    ModelNodes { nodes }
}

/// Problems as `line: message`.
pub(super) fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message)).collect()
}

/// The node tree of the wind turbine model: what every part file of it may address.
pub(super) const WIND_TURBINE: &str = "\
WindTurbine
  Foundation [foundation]
  Tower [tower]
    TowerDoor [tower_door]
    YawRing [yaw_bearing]
  Yaw [yaw_system]
    YawInnerRing
    YawDrive1 [yaw_drive_1]
    YawDrive2 [yaw_drive_2]
    YawDrive3 [yaw_drive_3]
    YawDrive4 [yaw_drive_4]
    Nacelle [nacelle]
      Housing [nacelle_housing]
      Bedplate [bedplate]
      Drivetrain [drivetrain]
        MainBearingFront [main_bearing]
        MainBearingRear [main_bearing_rear]
        Gearbox [gearbox]
          GearboxHousing [gearbox_housing]
          PlanetStage1 [planet_stage_1]
          PlanetStage2 [planet_stage_2]
          HighSpeedStage [high_speed_stage]
          HighSpeedBearing [high_speed_bearing]
        HighSpeedShaft [high_speed_shaft]
        Brake [brake]
          BrakeDisc [brake_disc]
        Coupling [coupling]
        Generator [generator]
          GeneratorRotor [generator_rotor]
          GeneratorBearingDE [generator_bearing_de]
          GeneratorBearingNDE [generator_bearing_nde]
        Rotor [rotor]
          MainShaft [main_shaft]
          Hub [hub]
          Spinner [spinner]
          PitchBearing1 [pitch_bearing_1]
          PitchBearing2 [pitch_bearing_2]
          PitchBearing3 [pitch_bearing_3]
          Blade1 [blade_1]
          Blade2 [blade_2]
          Blade3 [blade_3]
      Converter [converter]
      Transformer [transformer]
      OilCooler [oil_cooler]
      LubeUnit [lube_unit]
      ControlCabinet [control_cabinet]
      WindVane [wind_sensor]
";
