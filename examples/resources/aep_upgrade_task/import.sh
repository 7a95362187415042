# <product id>/<task id>
terraform import aep_upgrade_task.meters 10005977/3456
