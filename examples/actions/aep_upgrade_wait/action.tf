# Waits for the end of a task that was started in the console. The action fails
# if less than 95 % of the devices have succeeded.
action "aep_upgrade_wait" "meters" {
  config {
    product_id              = 10005977
    task_id                 = 3456
    wait_for                = "finished"
    minimum_success_percent = 95
    poll_interval           = "1m"

    timeouts {
      invoke = "12h"
    }
  }
}
