import {
  to = aep_upgrade_task.meters
  id = provider::aep::task_id(10005977, 3456)
}
