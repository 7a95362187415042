import {
  to = aep_upgrade_rollout.meters
  identity = {
    product_id = 10005977
    task_id    = 3456
  }
}
