package provider

import (
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// firmwareColumns are the attributes of a firmware.
//
// Deliberately absent: firmwareUrl, which may hold a token, and upgradeId, upgradeType, upgradeUploadType and
// firmwareSignature, which are not documented.
var firmwareColumns = columns[aep.Firmware]{
	countColumn("firmware_id", "Id of the firmware (`firmwareId`).", func(f aep.Firmware) int64 { return f.ID }),
	textColumn("name", "Name of the firmware (`firmwareName`).", func(f aep.Firmware) string { return f.Name }),
	textColumn("version", "Version of the firmware (`firmwareVersion`).", func(f aep.Firmware) string { return f.Version }),
	textColumn("description", "Description of the firmware, null if it has none (`firmwareDesc`).",
		func(f aep.Firmware) string { return f.Description }),
	textColumn("file_name", "Name of the firmware's file (`fileName`).", func(f aep.Firmware) string { return f.FileName }),
	textColumn("md5", "MD5 of the file, 16 or 32 hexadecimal digits (`md5`).", func(f aep.Firmware) string { return f.MD5 }),
	numberColumn("upgrade_plan", upgradePlanText,
		func(f aep.Firmware) int64 { return f.UpgradePlan }),
	textColumn("module_name", "Name of the module that the firmware is for (`moduleName`).",
		func(f aep.Firmware) string { return f.ModuleName }),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(f aep.Firmware) time.Time { return f.CreatedAt }),
	timeColumn("updated_at", "Time of the last change, RFC 3339 in China's time zone (`updateTime`).",
		func(f aep.Firmware) time.Time { return f.UpdatedAt }),
}
